"""What a node asks of its accounts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The node's own choices.

    ``second_factor_required``: nobody does anything before setting one up. ``training_years``: an examiner's training
    counts for so long. A session ends after ``idle`` without a request, and ``session`` after sign-in in any case.
    """

    second_factor_required: bool = True
    training_years: int = 2
    idle: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(hours=12)


DEFAULT_RULES: Final = AccountRules()
