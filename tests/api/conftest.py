"""The served node that these tests talk to."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


def _load(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


_fixtures = _load("site_fixtures")
two_faces = _fixtures.two_faces
twenty_faces = _fixtures.twenty_faces
no_face = _fixtures.no_face
changed_copy = _fixtures.changed_copy
site = _fixtures.site
client = _fixtures.client
