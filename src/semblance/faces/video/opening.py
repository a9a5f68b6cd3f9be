"""A video is opened, and its stream of pictures chosen, before anything of it is decoded."""

from dataclasses import dataclass
from typing import IO, Final

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from semblance.errors import DamagedVideo, IntakeError, UnsupportedVideo, VideoTooLarge
from semblance.faces.formats import describe_content, recognise_format
from semblance.faces.video.containers import (
    CODECS,
    FORMATS_READ,
    HEAD_BYTES,
    VideoContainer,
    contradict_ending,
    recognise_container,
)
from semblance.faces.video.frame import MAX_FRAME_PIXELS
from semblance.messages.message import Message, quote_text

_DEMUXERS: Final = {
    VideoContainer.MP4: "mov",
    VideoContainer.MOV: "mov",
    VideoContainer.MKV: "matroska",
    VideoContainer.WEBM: "matroska",
    VideoContainer.AVI: "avi",
}
_OPTIONS: Final = {
    # no file leads to another one
    "protocol_whitelist": "",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi",
    "max_streams": "64",
}
_READ_AS_TEXT: Final = b"\xef\xbf\xbd"
_MANGLED_SHARE: Final = 0.02


@dataclass(frozen=True, slots=True)
class OpenedVideo:
    """A container with the stream that is read; ``name`` is what errors call the video."""

    container: InputContainer
    stream: VideoStream
    format: VideoContainer
    name: str
    notes: tuple[Message, ...]

    def close(self) -> None:
        self.container.close()


def open_video(file: IO[bytes], name: str, stream: int | None = None) -> OpenedVideo:
    """Open the video and choose its stream of pictures, the first one that is no cover picture unless it is named.

    Raises UnsupportedVideo and DamagedVideo.
    """
    # what the library says of a picture while it decodes it is how damage shows
    av.logging.set_level(av.logging.ERROR)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    found = recognise_container(head)
    if found is None:
        raise _refuse_content(head, name)
    file.seek(0)
    try:
        # metadata may be in any encoding, and nothing of it is used
        container = av.open(file, format=_DEMUXERS[found], options=_OPTIONS, metadata_errors="replace")
    except (av.FFmpegError, ValueError, UnicodeError) as error:
        raise _explain(error, head, found, name) from error
    assert isinstance(container, InputContainer)
    try:
        chosen, notes = _choose_stream(container, name, stream)
    except IntakeError:
        container.close()
        raise
    check_pixels(chosen.width, chosen.height, name)
    contradiction = contradict_ending(name, found)
    return OpenedVideo(container, chosen, found, name, notes if contradiction is None else (contradiction, *notes))


def _choose_stream(container: InputContainer, name: str, wanted: int | None) -> tuple[VideoStream, tuple[Message, ...]]:
    moving = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not moving:
        if container.streams.audio:
            raise UnsupportedVideo(
                "video.sound-only", "{name} holds sound and no pictures: there is no face to look for.", name=name
            )
        raise UnsupportedVideo(
            "video.no-stream", "{name} holds no stream of pictures: get the file again from where it came.", name=name
        )
    known = [stream for stream in moving if _name_codec(stream) in CODECS]
    chosen = [stream for stream in known if wanted in (None, stream.index)]
    if not known:
        raise UnsupportedVideo(
            "video.codec-unknown",
            "{name} is encoded as {codec}; Semblance reads {codecs}: convert a copy to H.264, and keep the original.",
            name=name,
            codec=quote_text(_name_codec(moving[0]) or moving[0].codec_tag),
            codecs=tuple(CODECS.values()),
        )
    if not chosen:
        raise UnsupportedVideo(
            "video.stream-missing", "{name} has no stream of pictures number {number}.", name=name, number=wanted
        )
    stream = chosen[0]
    # one thread: what is made of damaged pictures must not depend on which thread was faster
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    if len(moving) == 1:
        return stream, ()
    note = Message(
        "video.several-streams",
        "number {number} of {n} streams of pictures is read; the others are left",
        number=stream.index,
        n=len(moving),
    )
    return stream, (note,)


def _name_codec(stream: VideoStream) -> str:
    """Return the encoding's name, empty where the library has no decoder for it."""
    context = stream.codec_context
    return "" if context is None else str(context.codec.canonical_name)


def _refuse_content(head: bytes, name: str) -> UnsupportedVideo:
    if not head:
        return UnsupportedVideo(
            "video.empty", "{name} is empty: Semblance reads {formats}.", name=name, formats=FORMATS_READ
        )
    photo = recognise_format(head)
    return UnsupportedVideo(
        "video.no-video",
        "{name} is {content}, not a video that can be read: Semblance reads {formats}.",
        name=name,
        content=describe_content(head)
        if photo is None
        else Message("content.photo", "a photo ({format})", format=photo),
        formats=FORMATS_READ,
    )


def _explain(error: Exception, head: bytes, container: VideoContainer, name: str) -> IntakeError:
    if head.count(_READ_AS_TEXT) * len(_READ_AS_TEXT) > _MANGLED_SHARE * len(head):
        return DamagedVideo(
            "video.passed-as-text",
            "{name} was a {format}, but some program took it for text on its way and replaced every byte that is no "
            "letter; nothing of its pictures is left: get the file again by another way.",
            name=name,
            format=container,
        )
    log = getattr(error, "log", None)
    why = str(log[2] if log else getattr(error, "strerror", None) or error).strip()
    if "moov atom not found" in why:
        return DamagedVideo(
            "video.index-missing",
            "{name} starts as {format}, but the index that says where its pictures are is missing, as if recording "
            "or copying had broken off: get the file again, or have it repaired from another recording of the same "
            "camera, and keep the original.",
            name=name,
            format=container,
        )
    return DamagedVideo(
        "video.damaged",
        "{name} starts as {format}, but not one picture of it can be read ({why}): get the file again from where it "
        "came.",
        name=name,
        format=container,
        why=quote_text(why[:120]),
    )


def check_pixels(width: int, height: int, name: str) -> None:
    """Raise VideoTooLarge where a picture has more pixels than are decoded."""
    if width * height > MAX_FRAME_PIXELS:
        raise VideoTooLarge(
            "video.too-many-pixels",
            "{name} has pictures of {width} x {height} pixels; at most {most:.3g} megapixels are read: make a smaller "
            "copy, and keep the original.",
            name=name,
            width=width,
            height=height,
            most=MAX_FRAME_PIXELS / 1e6,
        )
