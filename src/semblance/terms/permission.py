"""The answer of every check. ``workflows.permission`` records a refusal and raises it."""

from dataclasses import dataclass

from semblance.messages.message import Message


@dataclass(frozen=True, slots=True)
class Permit:
    """The act may be done; ``rule`` is the one that allows it, stable for programs."""

    rule: str


@dataclass(frozen=True, slots=True, init=False)
class Refusal:
    """The act may not be done; ``rule`` is stable for programs, ``field`` is what of the request it is about.

    Made from a message, or from its text and values; its identifier is the rule then, and the field fills its hole.
    """

    rule: str
    message: Message
    field: str | None = None

    def __init__(self, rule: str, message: Message | str, /, *, field: str | None = None, **values: object) -> None:
        object.__setattr__(self, "rule", rule)
        if field is not None and isinstance(message, str) and "{field}" in message:
            values["field"] = field
        found = message if isinstance(message, Message) else Message(rule, message, **values)
        object.__setattr__(self, "message", found)
        object.__setattr__(self, "field", field)

    @property
    def reason(self) -> str:
        """Return the English sentence, which begins small and has no end."""
        return str(self.message)
