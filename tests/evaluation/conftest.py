"""Makes the made-up report once for all tests of this folder."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from semblance.evaluation.report import EvaluationReport


@pytest.fixture(scope="session")
def make_report() -> Callable[..., EvaluationReport]:
    spec = importlib.util.spec_from_file_location("synthetic", Path(__file__).with_name("synthetic.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    made: Callable[..., EvaluationReport] = module.make_report
    return made


@pytest.fixture(scope="session")
def report(make_report: Callable[..., EvaluationReport]) -> EvaluationReport:
    return make_report()
