"""That a ledger goes on from an older checkpoint: proven by a few hashes, without the entries (RFC 9162, 2.1.4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from semblance.audit.bundle import Verified, explain_break
from semblance.audit.checkpoint import Checkpoint, VerifyingKey, is_signed
from semblance.audit.merkle import check_consistency
from semblance.errors import VerificationError


@dataclass(frozen=True, slots=True)
class GrowthProof:
    """All that somebody who knows an older head needs to check that the newest ledger goes on from it.

    Nothing is verified by holding one.
    """

    older: int
    root: bytes
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    key: VerifyingKey


def verify_growth(
    proof: GrowthProof, known: Checkpoint, *, trusted: VerifyingKey | None = None, witness: VerifyingKey | None = None
) -> Verified:
    """Return the newest ledger where it is proven to go on from ``known``; raises VerificationError.

    ``known`` must be signed by ``witness``, or else by the ledger's own key. Without ``trusted`` the proof's own key is
    believed, and whoever reads the answer should compare it.
    """
    if trusted is not None and trusted != proof.key:
        raise VerificationError(
            "operator.ledger.proof-signed-by-another-key",
            "The proof is signed by {key}, not by the key that you trust.",
            key=proof.key,
        )
    require_signed(proof.checkpoint, proof.key)
    require_signed(known, witness or proof.key)
    if proof.older != known.size:
        raise VerificationError(
            "operator.ledger.proof-begins-elsewhere",
            "The proof begins at {older} entries and the checkpoint is over {size}; have it made anew with `semblance "
            "ledger prove-growth {size}`.",
            older=proof.older,
            size=known.size,
        )
    if proof.root != known.root or not goes_on(known, proof.checkpoint, proof.path):
        raise VerificationError(explain_break(known, proof.checkpoint.size))
    return Verified(proof.checkpoint.size, proof.checkpoint, proof.key)


def goes_on(known: Checkpoint, newest: Checkpoint, path: Sequence[bytes]) -> bool:
    """Return whether the path proves that the ledger of ``newest`` begins with that of ``known``; all begin empty."""
    if known.origin != newest.origin:
        return False
    return known.size == 0 or check_consistency(known.size, newest.size, known.root, newest.root, path)


def require_signed(known: Checkpoint, key: VerifyingKey) -> None:
    """Raise VerificationError unless the key's owner signed the checkpoint."""
    if not is_signed(known, key):
        raise VerificationError(
            "ledger.witness-signature-missing",
            "The checkpoint over {size} entries is not signed by {name}.",
            size=known.size,
            name=key.name,
        )
