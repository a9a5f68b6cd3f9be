"""From faces and photos to what pages show of them."""

from collections.abc import Callable

from semblance.gallery.suitability import SuitabilityLine, judge_suitability
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.web.page.contexts import FaceView, MeasureView, PhotoView
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import judge_quality, name_measure, say_media_type, say_native, say_size


def view_face(
    face: FaceSample, line: SuitabilityLine, *, picture: str, chosen: bool, href: str | None = None
) -> FaceView:
    """Return a face as a page shows it; ``href`` makes its box on the photo a link."""
    shortfalls = judge_suitability(face, line)
    verdict, grade = judge_quality(face.quality.unified, shortfalls)
    return FaceView(
        ordinal=face.ordinal,
        left=round(face.box.left, 1),
        top=round(face.box.top, 1),
        width=round(face.box.width, 1),
        height=round(face.box.height, 1),
        picture=picture,
        verdict=verdict,
        grade=grade,
        eyes=ngettext(
            "{n} pixel between the eyes", "{n} pixels between the eyes", int(face.landmarks.inter_eye_distance)
        ),
        shortfalls=tuple(say_message(shortfall.message) for shortfall in shortfalls),
        measures=tuple(
            MeasureView(
                standard=score.measure.value,
                words=name_measure(score.measure),
                scalar=score.scalar if score.assessable else None,
                native=say_native(score),
            )
            for score in face.quality
        ),
        chosen=chosen,
        href=href,
    )


def view_photo(
    facts: PhotoFacts,
    faces: tuple[FaceSample, ...],
    line: SuitabilityLine,
    *,
    address: str,
    alt: str,
    chosen: int | None,
    link: Callable[[int], str] | None = None,
) -> PhotoView:
    """Return a photo as a page shows it; its pictures are under ``address``."""
    return PhotoView(
        picture=f"{address}/picture",
        alt=alt,
        width=facts.width,
        height=facts.height,
        faces=tuple(
            view_face(
                face,
                line,
                picture=f"{address}/faces/{face.ordinal}",
                chosen=face.ordinal == chosen,
                href=None if link is None else link(face.ordinal),
            )
            for face in faces
        ),
    )


def list_facts(facts: PhotoFacts) -> tuple[tuple[str, str], ...]:
    """Return a photo's facts as names and values."""
    return (
        (_("Format"), f"{say_media_type(facts.media_type)}, {say_size(facts.size)}"),
        (_("Size"), _("{width} × {height} pixels", width=facts.width, height=facts.height)),  # noqa: RUF001
        ("SHA-256", facts.sha256),
    )
