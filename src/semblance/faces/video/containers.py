"""Which container a video comes in, told from its first bytes and never from a file's name."""

from enum import StrEnum
from pathlib import PurePath
from typing import Final

from semblance.faces.formats import recognise_format
from semblance.messages.message import Message


class VideoContainer(StrEnum):
    """The containers that Semblance reads, by the names people know them by."""

    MP4 = "MP4"
    MOV = "MOV"
    MKV = "MKV"
    WEBM = "WebM"
    AVI = "AVI"


HEAD_BYTES: Final = 4096
"""How many of the first bytes tell what a file is."""

FORMATS_READ: Final = Message("video.formats-read", "MP4, MOV, MKV, AVI and WebM")

CODECS: Final = {"h264": "H.264", "hevc": "H.265", "vp8": "VP8", "vp9": "VP9", "av1": "AV1", "mjpeg": "MJPEG"}
"""What pictures may be encoded as, by the decoder library's name and by the one that people know."""

_EXTENSIONS: Final = {
    VideoContainer.MP4: {".mp4", ".m4v", ".3gp", ".3g2"},
    VideoContainer.MOV: {".mov", ".qt"},
    VideoContainer.MKV: {".mkv", ".mk3d"},
    VideoContainer.WEBM: {".webm"},
    VideoContainer.AVI: {".avi"},
}
_BOXES: Final = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def recognise_container(head: bytes) -> VideoContainer | None:
    """Return the container that the first bytes claim, or None where it is none that Semblance reads.

    Only signatures are looked at: what is returned is no promise that there are pictures in it.
    """
    kind = head[4:8]
    if kind == b"ftyp":
        if recognise_format(head) is not None or head[8:12] == b"crx ":
            return None
        return VideoContainer.MOV if head[8:12] == b"qt  " else VideoContainer.MP4
    if kind in _BOXES:
        return VideoContainer.MOV
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return VideoContainer.WEBM if b"\x42\x82\x84webm" in head[:64] else VideoContainer.MKV
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return VideoContainer.AVI
    return None


def contradict_ending(name: str, container: VideoContainer) -> Message | None:
    """Return a note where the name's ending promises another container, else None."""
    ending = PurePath(name).suffix.lower()
    if ending in _EXTENSIONS[container] or not any(ending in endings for endings in _EXTENSIONS.values()):
        return None
    return Message(
        "video.other-ending", "the name ends in {ending}, but the content is {format}", ending=ending, format=container
    )
