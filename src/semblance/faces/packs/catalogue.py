"""Which packs there are: the two that Semblance describes, and those that an operator put in the models folder."""

from pathlib import Path
from typing import Final

from semblance.errors import PackMissing
from semblance.faces.packs.manifest import PackManifest, read_manifest

MANIFEST_FILE: Final = "pack.toml"
_BUILTIN: Final = Path(__file__).parent / "builtin"


def list_packs(models: Path) -> tuple[PackManifest, ...]:
    """Return all packs, the built-in ones first; raises ModelError where an operator's manifest is wrong."""
    builtin = [read_manifest(path) for path in sorted(_BUILTIN.glob("*.toml"))]
    names = {pack.name for pack in builtin}
    own = [read_manifest(path) for path in sorted(models.glob(f"*/{MANIFEST_FILE}"))]
    return (*builtin, *(pack for pack in own if pack.name not in names))


def find_pack(name: str, models: Path) -> PackManifest:
    """Return the pack of that name; raises PackMissing, which lists the names that there are."""
    packs = list_packs(models)
    for pack in packs:
        if pack.name == name:
            return pack
    known = ", ".join(pack.name for pack in packs)
    raise PackMissing(
        "models.no-pack",
        "There is no model pack called '{name}'. Known packs: {known}. See `semblance models list`.",
        name=name,
        known=known,
    )


def is_builtin(name: str) -> bool:
    """Return whether the name belongs to a pack that Semblance describes itself."""
    return (_BUILTIN / f"{name}.toml").is_file()
