"""The file that a list of photos names, which must lie inside the list's own folder."""

from pathlib import PurePosixPath

from semblance.exchange.files import printable_name
from semblance.exchange.names import FolderNames
from semblance.messages.message import Message


def find_listed_file(names: FolderNames, name: str) -> PurePosixPath | Message:
    """Return the file's path inside the folder as it is called there, or why there is none that is meant."""
    if not name:
        return Message("operator.manifest.no-path", "the path is missing")
    if "\0" in name:
        return Message("operator.manifest.bad-path", "the path {path!r} cannot be one", path=name)
    plain = name.replace("\\", "/")
    drive = len(name) > 1 and name[1] == ":" and name[0].isalpha()
    outside = Message(
        "operator.manifest.path-outside",
        "the path {path} leaves the manifest's folder; photos must lie inside it",
        path=name,
    )
    if drive or plain.startswith("/") or ".." in plain.split("/"):
        return outside
    missing = Message("operator.manifest.path-missing", "there is no file {path} in the manifest's folder", path=name)
    try:
        found = names.find(name)
        if len(found) > 1:
            return Message(
                "operator.manifest.path-ambiguous",
                "the path {path} may be any of {files}",
                path=name,
                files=[printable_name(path.as_posix()) for path in found],
            )
        if not found:
            return missing
        file = names.folder / found[0]
        if not file.resolve().is_relative_to(names.root):
            return outside
        return found[0] if file.is_file() else missing
    except (OSError, RuntimeError, ValueError):
        # too long, a circle of links, or no name that a file system can have
        return missing
