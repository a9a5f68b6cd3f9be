"""Values of the store that pages show as words: here they are marked for translation; ``words.say_value`` says them."""

from typing import Final

from semblance.web.wording.language import N_, ngettext

VALUES: Final = (
    # purposes
    N_("Wanted person"),
    N_("Missing person"),
    N_("Unidentified person"),
    N_("Unidentified body"),
    N_("Demonstration"),
    # categories of persons
    N_("Suspect"),
    N_("Convicted"),
    N_("Victim"),
    N_("Witness"),
    N_("Missing"),
    N_("Unidentified"),
    # roles
    N_("Examiner"),
    N_("Supervisor"),
    N_("Records officer"),
    N_("Data protection officer"),
    N_("Administrator"),
    # states of records, cases, requests and authorisations
    N_("Draft"),
    N_("Active"),
    N_("Blocked"),
    N_("Withdrawn"),
    N_("Expired"),
    N_("Open"),
    N_("Closed"),
    N_("Erased"),
    N_("Received"),
    N_("Answered"),
    N_("Declined"),
    N_("Waiting"),
    N_("Granted"),
    N_("Refused"),
    N_("Late"),
    N_("Confirmed"),
    N_("Lapsed"),
    # requests of people about themselves, and parts of what is held
    N_("Access"),
    N_("Rectification"),
    N_("Erasure"),
    N_("Dispute"),
    N_("Record"),
    N_("Images"),
    N_("Searches"),
    N_("Disclosures"),
    # outcomes of photos
    N_("Enrolled"),
    N_("Unsuitable"),
    N_("Kept unsuitable"),
    N_("No face"),
    N_("Several faces"),
    N_("Unreadable"),
    N_("Duplicate"),
    N_("Barred"),
    # fields that refusals name, and restrictions
    N_("Link"),
    N_("Contact"),
    N_("Only"),
    N_("Except"),
    # verbs of the ledger
    N_("Collection"),
    N_("Alteration"),
    N_("Consultation"),
    N_("Disclosure"),
    N_("Combination"),
    N_("Refusal"),
    # sex as recorded
    N_("Female"),
    N_("Male"),
    N_("Not known"),
)

MEASURES: Final = (
    N_("Unified quality score"),
    N_("Background uniformity"),
    N_("Illumination uniformity"),
    N_("Luminance mean"),
    N_("Luminance variance"),
    N_("Under exposure prevention"),
    N_("Over exposure prevention"),
    N_("Dynamic range"),
    N_("Sharpness"),
    N_("Compression artifacts"),
    N_("Natural colour"),
    N_("Single face present"),
    N_("Inter eye distance"),
    N_("Head size"),
    N_("Leftward crop of the face image"),
    N_("Rightward crop of the face image"),
    N_("Downward crop of the face image"),
    N_("Upward crop of the face image"),
    N_("Head pose yaw"),
    N_("Head pose pitch"),
    N_("Head pose roll"),
)
"""The components of ISO/IEC 29794-5:2025 as ``words.name_measure`` writes them."""


def say_touched(kind: str, count: int) -> str:
    """Return how many things of a kind an act touched."""
    words = {
        "authorisation": ngettext("{n} authorisation", "{n} authorisations", count),
        "authority": ngettext("{n} authority", "{n} authorities", count),
        "case": ngettext("{n} case", "{n} cases", count),
        "checkpoint": ngettext("{n} checkpoint", "{n} checkpoints", count),
        "node-key": ngettext("{n} node key", "{n} node keys", count),
        "person": ngettext("{n} person", "{n} people", count),
        "photo": ngettext("{n} photo", "{n} photos", count),
        "policy": ngettext("{n} policy", "{n} policies", count),
        "probe": ngettext("{n} probe", "{n} probes", count),
        "proposal": ngettext("{n} proposal", "{n} proposals", count),
        "request": ngettext("{n} request", "{n} requests", count),
        "search": ngettext("{n} search", "{n} searches", count),
        "subject": ngettext("{n} subject", "{n} subjects", count),
        "token": ngettext("{n} token", "{n} tokens", count),
    }
    return words.get(kind) or f"{count} {kind}"
