"""Calibrate a gallery: search many of its people among all the others, and keep how high their best rivals came."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Event
from typing import Final, NoReturn

from semblance.audit.entry import Touched, Verb
from semblance.cases.check import find_searchable
from semblance.errors import Conflict
from semblance.evaluation.calibration import FEWEST_TRIALS
from semblance.messages.message import Message
from semblance.node.lookahead import listen_for_stop
from semblance.node.node import Node
from semblance.search.index import Allowed
from semblance.search.rivals import RivalMatrix
from semblance.store import calibrations, gallery, templates
from semblance.store.calibrations import MOST_CHANGE, Calibration
from semblance.store.engine import Transaction
from semblance.terms.ids import CalibrationId, ReferenceId, make_id
from semblance.terms.permission import Action, Actor, Purpose, Refusal
from semblance.workflows.permission import Permitted, ask, log_act, record_refusal

DEFAULT_TRIALS: Final = 10_000
DEFAULT_SEED: Final = 20251
_AT_ONCE: Final = 64

Progress = Callable[[int, int], None]
"""Told how many trials are done, of how many; first when the gallery was loaded."""


@dataclass(frozen=True, slots=True)
class CalibrationRun:
    """What came of a run; ``resumed`` trials were done before it, and ``interrupted`` ones are to be resumed."""

    calibration: Calibration
    resumed: int
    interrupted: bool


def calibrate_gallery(
    node: Node,
    actor: Actor,
    purpose: Purpose,
    *,
    trials: int = DEFAULT_TRIALS,
    seed: int = DEFAULT_SEED,
    on_progress: Progress | None = None,
    stop: Event | None = None,
) -> CalibrationRun:
    """Search ``trials`` people of the gallery, one photo of each, among everybody else whom the purpose opens.

    What is not open to the actor's authority counts nowhere, and only that authority's searches are explained by the
    calibration. Scores are kept as they are made: after a stop the same call goes on where it was, unless the gallery
    changed, for then the trials would not be of one gallery. ``stop`` ends it between two blocks; without it Ctrl-C and
    SIGTERM do. A photo that is erased while it runs is overwritten in memory before the next block.

    Raises Conflict where too few people are open, or the gallery changed too much while it ran; PackConflict.
    """
    permit = ask(node, actor, Action.CALIBRATION_MAKE)
    policy = node.policy.read()
    if purpose not in policy.purposes:
        message = Message(
            "policy.no-searches", "the policy of this node allows no searches for {purpose}", purpose=purpose
        )
        refusal = Refusal("policy.purpose", message, field="purpose")
        raise record_refusal(node, actor, Action.CALIBRATION_MAKE, refusal, purpose=purpose.value)
    allowed = find_searchable(policy, purpose, actor.authority, node.clock().date())
    matrix, version = _load_gallery(node, allowed)
    if matrix.subjects < FEWEST_TRIALS or trials < FEWEST_TRIALS:
        raise Conflict(
            "calibration.too-few-people",
            "A calibration needs at least {n} trials, each of somebody else; the gallery opens {people} people "
            "to {purpose}. Enrol more first. Nothing was stored.",
            n=FEWEST_TRIALS,
            people=matrix.subjects,
            purpose=purpose,
        )
    drawn = matrix.draw_trials(trials, seed)
    fresh = Calibration(
        id=CalibrationId(make_id()),
        started_at=node.clock(),
        finished_at=None,
        person=actor.name,
        authority=actor.authority,
        pack=node.extractor.digest,
        purpose=purpose,
        gallery_version=version,
        subjects=matrix.subjects,
        references=matrix.references,
        asked=len(drawn),
        seed=seed,
    )
    with node.store.writing() as tx:
        calibration = _begin(tx, fresh)
        reason = Message(
            "calibration.begun", "begins with {n} of {all} trials done", n=calibration.trials, all=calibration.asked
        )
        _log(tx, node, permit, calibration, reason)
    with nullcontext(stop) if stop is not None else listen_for_stop() as stopping:
        return _run_trials(node, permit, calibration, matrix, allowed, drawn, stopping, on_progress)


def list_calibrations(node: Node, actor: Actor) -> tuple[Calibration, ...]:
    """Return the calibrations of the actor's authority, newest first."""
    ask(node, actor, Action.CALIBRATION_MAKE)
    with node.store.reading() as tx:
        return calibrations.list_calibrations(tx, actor.authority)


def _load_gallery(node: Node, allowed: Allowed) -> tuple[RivalMatrix, int]:
    """Return the references that are open, and the version of the gallery that they were read from."""
    matrix = RivalMatrix(allowed)
    with node.store.reading() as tx:
        gallery.require_pack(tx, node.extractor.digest, node.extractor.name)
        version = gallery.read_version(tx)
        for rows in templates.iterate_references(tx, after=0):
            matrix.add(rows)
    return matrix, version


def _begin(tx: Transaction, fresh: Calibration) -> Calibration:
    """Resume the unfinished calibration that this one would repeat; delete those that nobody can finish any more."""
    taken = None
    for old in calibrations.find_unfinished(tx, fresh.authority, fresh.pack, fresh.purpose):
        if taken is None and _describe_draw(old) == _describe_draw(fresh):
            taken = old
        else:
            calibrations.remove_calibration(tx, old.id)
    if taken is not None:
        return taken
    calibrations.add_calibration(tx, fresh)
    return fresh


def _describe_draw(made: Calibration) -> tuple[int, ...]:
    return made.gallery_version, made.subjects, made.references, made.asked, made.seed


def _run_trials(
    node: Node,
    permit: Permitted,
    calibration: Calibration,
    matrix: RivalMatrix,
    allowed: Allowed,
    drawn: tuple[ReferenceId, ...],
    stop: Event,
    on_progress: Progress | None,
) -> CalibrationRun:
    resumed, version, interrupted, changes = calibration.trials, calibration.gallery_version, False, 0
    for start in range(resumed, len(drawn), _AT_ONCE):
        if on_progress is not None:
            on_progress(start, len(drawn))
        if stop.is_set():
            interrupted = True
            break
        with node.store.reading() as tx:
            now_at = gallery.read_version(tx)
            if now_at != version:
                matrix.remove(gallery.read_removed(tx, after=version))
                version = now_at
                came = gallery.count_added(tx, after=calibration.gallery_version, until=version, allowed=allowed)
                changes = came + calibration.references - matrix.references
        if not calibration.outlasts(changes):
            _give_up(node, permit, calibration)
        scores = matrix.score_best_rivals(drawn[start : start + _AT_ONCE])
        with node.store.writing() as tx:
            calibration = calibrations.keep_scores(tx, calibration, calibration.scores + scores)
    with node.store.writing() as tx:
        if not interrupted:
            calibration = calibrations.finish_calibration(tx, calibration, node.clock())
        counts = {"n": calibration.trials, "all": calibration.asked}
        reason = (
            Message("calibration.stopped", "stopped with {n} of {all} trials done", **counts)
            if interrupted
            else Message("calibration.finished", "finished with {n} of {all} trials done", **counts)
        )
        _log(tx, node, permit, calibration, reason)
    if on_progress is not None and not interrupted:
        on_progress(len(drawn), len(drawn))
    return CalibrationRun(calibration, resumed, interrupted)


def _give_up(node: Node, permit: Permitted, calibration: Calibration) -> NoReturn:
    with node.store.writing() as tx:
        calibrations.remove_calibration(tx, calibration.id)
        reason = Message("calibration.given-up", "given up, because the gallery changed too much meanwhile")
        _log(tx, node, permit, calibration, reason)
    raise Conflict(
        "calibration.gallery-changed",
        "The gallery changed by {share:.0%} or more while it was calibrated, so that its trials are of no "
        "one gallery; they were dropped. Calibrate again when fewer people enrol.",
        share=MOST_CHANGE,
    )


def _log(tx: Transaction, node: Node, permit: Permitted, calibration: Calibration, reason: Message) -> None:
    touched = Touched("calibration", calibration.id)
    log_act(tx, permit, Verb.CONSULTATION, touched, at=node.clock(), purpose=calibration.purpose, reason=reason)
