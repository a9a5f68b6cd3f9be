"""The answer of every check. Both are values: a refusal is expected, and is recorded like a permit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permit:
    """The act may be done; ``rule`` is the one that allows it, stable for programs, ``reason`` a sentence."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The act may not be done; ``rule`` is stable for programs, ``reason`` is a sentence for a person."""

    rule: str
    reason: str
