"""What every page needs to know."""

from dataclasses import dataclass

from semblance.terms.purpose import Purpose
from semblance.workflows.node import Node


@dataclass(frozen=True, slots=True)
class Site:
    """The node, and the settings that its pages show.

    ``person`` fills the person's field beforehand.
    """

    node: Node
    person: str | None
    upload_megabytes: int

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        return tuple(self.node.policy.read().purposes)

    @property
    def demonstration(self) -> bool:
        return set(self.purposes) == {Purpose.DEMONSTRATION}
