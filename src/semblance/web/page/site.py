"""What every page needs to know."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from semblance.edge.oidc import Provider
from semblance.edge.tries import AddressTries
from semblance.node.node import Node
from semblance.terms.permission import Purpose


@dataclass(frozen=True, slots=True)
class Site:
    """The node, and the settings that its pages show.

    ``provider`` is where people may sign in instead, or None. ``tries`` counts where tries to sign in come from.
    """

    node: Node
    upload_megabytes: int
    provider: Provider | None = None
    tries: AddressTries = field(default_factory=AddressTries)

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        return tuple(self.node.policy.read().purposes)


def get_site(request: Request) -> Site:
    """Return the site that the application serves."""
    site: Site = request.app.state.site
    return site


CurrentSite = Annotated[Site, Depends(get_site)]
