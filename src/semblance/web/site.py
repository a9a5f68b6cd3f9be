"""What every page needs to know."""

from dataclasses import dataclass

from semblance.workflows.node import Node


@dataclass(frozen=True, slots=True)
class Site:
    """The node, and the settings that its pages show.

    ``purposes`` are the values that a search may have here. ``person`` fills the person's field beforehand.
    """

    node: Node
    purposes: tuple[str, ...]
    person: str | None
    upload_megabytes: int

    @property
    def demonstration(self) -> bool:
        return self.purposes == ("demonstration",)
