"""The plain words that come with the answer to a request for access."""

from typing import Any, Final

_PARTS: Final = {
    "record": "what the record says",
    "images": "the images",
    "searches": "the searches in which you were a candidate",
    "disclosures": "who read your record, and to whom it was handed out",
}


def write_readme(document: dict[str, Any]) -> str:
    """Return the text that explains the file to the person who asked."""
    return "\n\n".join((*_write_what(document), *_write_files(document), *_write_rights(document))) + "\n"


def _write_what(document: dict[str, Any]) -> list[str]:
    count = len(document["records"])
    if not count:
        found = "Nothing is held here under what you asked about."
    else:
        found = f"{'One record is' if count == 1 else f'{count} records are'} held here under what you asked about."
    return [
        "WHAT IS HELD ABOUT YOU",
        f"This is the answer of {document['answered_by']} to your request of {document['received_on']} "
        f"(number {document['request']}), made on {document['made_at'][:10]}.",
        found,
    ]


def _write_files(document: dict[str, Any]) -> list[str]:
    if not document["records"]:
        return []
    lines = []
    for record in document["records"]:
        line = f"{record['folder']}: held for {record['owner']}"
        if "purpose" in record:
            line += f", for this purpose: {record['purpose']}. It rests on: {record['legal_basis']}"
        lines.append(f"{line}. It is held until {record['last_day']} at the latest, then it is erased.")
    lines.append(
        "In each folder, as far as it was not kept back:\n"
        "  record.json       everything that the record says, and every earlier version of it\n"
        "  images/           the images exactly as they were handed in\n"
        "  searches.json     the searches that showed the record as a candidate: when, for whom, for what purpose.\n"
        "                    A candidate is a likeness to look at; it does not say that you were recognised.\n"
        "  disclosures.json  every time the record was made, changed, read or handed out: when, and for which authority"
    )
    lines.append(
        "Each line of disclosures.json has its number in a log that cannot be quietly changed. `leaf` is the line's "
        "hash, `path` proves (RFC 6962) that it stands under the signed head in `checkpoint`. A supervisory authority "
        "can have the full line opened."
    )
    return lines


def _write_rights(document: dict[str, Any]) -> list[str]:
    kept_back = [f"  {_PARTS[kept['part']]}: {kept['law']}" for kept in document["withheld"]]
    lines = ["The following is kept back, under the law named beside it:\n" + "\n".join(kept_back)] if kept_back else []
    if document["examined_until"] is not None:
        lines.append(
            "Searches whose candidates people still examine are kept back, whoever they found: nobody may learn whom "
            "before they have given their opinions. As things stand, that ends on "
            f"{document['examined_until']} at the latest. Ask again then, and you are told of them, too."
        )
    lines.append(
        "You may ask that what is wrong be put right, that what is held unlawfully be erased, and you may dispute a "
        "record: it is then taken out of every search until that is decided. You may complain to the supervisory "
        "authority for data protection, and go to court."
    )
    return lines
