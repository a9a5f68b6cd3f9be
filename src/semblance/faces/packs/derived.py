"""Files that Semblance makes out of a pack's files, kept in the models folder so that they are made once."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from semblance.errors import ConfigurationError, ModelError
from semblance.faces.detection import centerface
from semblance.faces.encoding import dlib_resnet, simplify

_RECIPES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    centerface.RECIPE: centerface.prepare_centerface,
    dlib_resnet.RECIPE: dlib_resnet.build_dlib_encoder,
    simplify.RECIPE: simplify.simplify_encoder,
}


def derive_file(source: Path, recipe: str, models: Path) -> Path:
    """Return the file that the recipe makes of the source, from the cache where it stands there unharmed.

    A file with the SHA-256 stands beside it; one that does not match is made again. Raises
    ModelError where the source is not what the recipe expects.
    """
    data = source.read_bytes()
    folder = models / "derived"
    name = f"{recipe.replace('/', '-')}-{hashlib.sha256(data).hexdigest()[:32]}.onnx"
    target = folder / name
    seal = folder / f"{name}.sha256"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if hashlib.sha256(target.read_bytes()).hexdigest() == seal.read_text().strip():
            return target
    make = _RECIPES.get(recipe)
    if make is None:
        raise ModelError(
            "models.no-recipe",
            "The recipe '{recipe}' is unknown to this version. Known: {recipes}.",
            recipe=recipe,
            recipes=_RECIPES,
        )
    made = make(data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(target, made)
        _write_whole(seal, hashlib.sha256(made).hexdigest().encode())
    except OSError as error:
        raise ConfigurationError(
            "models.folder-unwritable",
            "The models folder {models} cannot be written ({why}). Make room or give it the right "
            "permissions, or name another with SEMBLANCE_MODELS.",
            models=models,
            why=error.strerror or error,
        ) from error
    return target


def _write_whole(target: Path, data: bytes) -> None:
    """Write under another name and move into place, so that nobody ever reads half a file."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
