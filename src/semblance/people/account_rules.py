"""What a node asks of its accounts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The node's own choices.

    ``second_factor`` required: nobody does anything before setting one up. ``training_years``: an examiner's training
    counts for so long. A session ends ``idle_minutes`` after its last request, and ``session_hours`` after sign-in in
    any case.
    """

    second_factor: Literal["required", "offered"] = "required"
    training_years: Annotated[int, Ge(1), Le(20)] = 2
    idle_minutes: Annotated[int, Ge(1), Le(720)] = 30
    session_hours: Annotated[int, Ge(1), Le(24)] = 12

    @property
    def second_factor_required(self) -> bool:
        return self.second_factor == "required"

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def session(self) -> timedelta:
        return timedelta(hours=self.session_hours)


DEFAULT_RULES: Final = AccountRules()
