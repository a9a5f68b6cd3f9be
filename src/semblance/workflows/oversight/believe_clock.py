"""Two people say that the clock is right: what falls due is ended and erased again."""

from dataclasses import dataclass
from typing import ClassVar

from semblance.errors import Conflict
from semblance.messages.message import Message
from semblance.store import clock_doubts
from semblance.terms.permission import Action
from semblance.workflows.two_people import Doing, JointAct


@dataclass(frozen=True, slots=True)
class BelieveClock(JointAct):
    """Go on ending and erasing by a clock that was doubted."""

    kind: ClassVar[str] = "clock.believe"
    action: ClassVar[Action] = Action.LEDGER_ACCEPT
    entry: ClassVar[str] = "clock.believe"

    def describe(self) -> Message:
        return Message("clock.believe", "end and erase what falls due: the clock is right")

    def check(self, doing: Doing) -> None:
        if not clock_doubts.list_doubts(doing.tx):
            raise Conflict("clock.not-doubted", "Nobody doubts the clock; there is nothing to be said of it.")

    def perform(self, doing: Doing) -> None:
        clock_doubts.believe_clock(doing.tx, doing.node.clock())
