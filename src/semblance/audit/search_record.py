"""The record of one search; every search leaves one, also where it was refused or found nobody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from semblance.messages.message import Message, quote_text
from semblance.messages.stored import StoredMessage
from semblance.terms.ids import (
    AuthorityCode,
    CaseId,
    PackDigest,
    PreparationId,
    ProbeId,
    SearchId,
    Sha256,
    StandingSearchId,
    SubjectId,
)
from semblance.terms.samples import Box, FaceSample, QuarterTurn
from semblance.terms.search import EVERYBODY, Candidate, Narrowing


class SearchOutcome(StrEnum):
    """How a search ended; ``answered`` includes the empty candidate list."""

    ANSWERED = "answered"
    REFUSED = "refused"
    NO_FACE = "no_face"


@dataclass(frozen=True, slots=True)
class PreparedFace:
    """What was searched in a prepared version of a probe: which version, its steps, and the face in it.

    ``face`` and ``box`` are the face's ordinal and place in the prepared photo's pixels. ``original`` is that face
    traced back into the original's pixels, which alone are compared by people; turned by ``turned`` where the face lay
    on its side or head.
    """

    preparation: PreparationId
    number: int
    steps: tuple[StoredMessage, ...]
    face: int
    box: Box
    original: FaceSample
    turned: QuarterTurn = 0

    @property
    def description(self) -> Message:
        """Return what was done before the search, and that it was for the search alone."""
        return Message(
            "search.prepared-version",
            "version {number}: {steps:;}. For searching only; the original is compared",
            number=self.number,
            steps=self.steps,
        )


@dataclass(frozen=True, slots=True)
class JoinedProbe:
    """Another photo of the same unknown person that was searched together with the first."""

    probe: ProbeId
    sha256: Sha256
    name: str
    face: int | None = None
    prepared: PreparedFace | None = None

    @property
    def description(self) -> Message:
        """Return which face of which photo it was, or which prepared version."""
        if self.prepared is not None:
            version = self.prepared.description
            return Message("search.joined-version", "{name}; prepared: {version}", name=self.name, version=version)
        if self.face is None:
            return quote_text(self.name)
        return Message("search.joined-face", "{name}, face {number}", name=self.name, number=self.face)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRecord:
    """Who searched what, when, why, in which gallery, and what came of it.

    ``when`` is UTC. ``face`` is the ordinal of the searched face in the probe and ``face_box`` its place there.
    ``pack`` and the gallery figures are those of the search itself, and count only what it was allowed to search; where
    no search took place ``pack`` is None and the figures are 0. ``gallery_version`` counts the changes of the whole
    gallery: no searcher is shown it. ``rule`` and ``refusal`` are None unless the search was refused or
    impossible. Candidates keep the ids that they had; what these named may have been erased since.
    ``face`` is None and ``face_box`` traced back where the face was found in a prepared version only. ``also`` are
    further photos that were searched together, ``narrowed`` what the records were narrowed to, ``left_out`` how many
    were left out because somebody had changed them in the database by hand.
    ``standing`` is the standing search that made it by itself, ``person`` then who asked for that one.
    ``origin`` is the record that the probe was handed in from, ``answered`` how many others were left out because
    people had answered before whether they are of its person, ``again`` why they were not. ``frames``: of how many
    frames of a video's track the first template was made, 0 where the probe is a photo or a version of it.
    ``erased``: reason and candidates were erased after their time, or because nobody authorised the search.
    """

    search: SearchId
    when: datetime
    person: str
    authority: AuthorityCode
    case_id: CaseId
    case: str
    purpose: str
    reason: str
    outcome: SearchOutcome
    probe: ProbeId
    probe_sha256: Sha256
    probe_name: str
    face: int | None = None
    face_box: Box | None = None
    pack: PackDigest | None = None
    gallery_subjects: int = 0
    gallery_references: int = 0
    gallery_version: int = 0
    limit: int
    candidates: tuple[Candidate, ...] = ()
    rule: str | None = None
    refusal: StoredMessage | None = None
    erased: bool = False
    prepared: PreparedFace | None = None
    also: tuple[JoinedProbe, ...] = ()
    narrowed: Narrowing = EVERYBODY
    left_out: int = 0
    standing: StandingSearchId | None = None
    origin: SubjectId | None = None
    answered: int = 0
    again: str = ""
    frames: int = 0

    @property
    def particulars(self) -> tuple[tuple[Message, Message], ...]:
        """Return what was particular, each with its name; nothing for a plain search of one original photo."""
        found = []
        if self.standing is not None:
            nightly = Message("search.standing", "a standing search; only what was enrolled since its last run")
            found.append((Message("search.made-by", "Made by"), nightly))
        if self.prepared is not None:
            found.append((Message("search.prepared", "Prepared"), self.prepared.description))
        if self.frames:
            fused = Message("search.track-frames", "{n} frames of one track of a video, together", n=self.frames)
            found.append((Message("search.searched-with", "Searched with"), fused))
        together = Message("search.joined", "Searched together with")
        found += [(together, probe.description) for probe in self.also]
        narrowed = Message("search.narrowed", "Narrowed to")
        found += [(narrowed, words) for words in self.narrowed.filters]
        if self.left_out:
            changed = Message(
                "search.changed-by-hand", "{n} records that were changed in the database by hand", n=self.left_out
            )
            found.append((Message("search.left-out", "Left out"), changed))
        if self.answered:
            before = Message("search.answered-before", "{n} answered before", n=self.answered)
            found.append((Message("search.left-out", "Left out"), before))
        if self.again:
            found.append((Message("search.asked-again", "Asked again"), quote_text(self.again)))
        return tuple(found)
