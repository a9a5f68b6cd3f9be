"""A refusal is a value inside; where it leaves through a command, a page or the API it is raised for the error map."""

from typing import TypeVar

from semblance.errors import RefusedByPolicy
from semblance.terms.permission import Refusal

T = TypeVar("T")


def accept(answer: T | Refusal) -> T:
    """Return the answer; raises RefusedByPolicy with the rule and the sentence where it is a refusal."""
    if isinstance(answer, Refusal):
        raise RefusedByPolicy(answer.rule, f"{answer.reason[:1].upper()}{answer.reason[1:]}.")
    return answer
