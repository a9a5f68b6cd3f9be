"""Finds every string that pages show; ``make strings`` brings them into the catalogues."""

import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from tests.messages import OPERATOR, find_messages, write_texts

WEB: Final = Path(__file__).parents[1] / "src" / "semblance" / "web"
CATALOGUES: Final = WEB / "locale"
_WHERE: Final = [("**.py", "python"), ("templates/**.html", "jinja2")]
_HOW: Final = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
_KEYWORDS: Final[dict[str, object]] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def extract_strings() -> Catalog:
    """Return every string of the templates and of the Python files beside them, without translations."""
    found = Catalog()
    for _file, _line, text, _comments, context in extract_from_dir(WEB, _WHERE, _HOW, keywords=_KEYWORDS):  # type: ignore[arg-type]
        found.add(text, context=context)
    for message in find_messages():
        if not message.identifier.startswith(OPERATOR):
            found.add(message.text, flags=["python-brace-format"] if "{" in message.text else ())
    return found


def read_catalogue(path: Path) -> Catalog:
    """Return a catalogue as it stands in its file."""
    with path.open("rb") as source:
        return read_po(source, locale=path.stem)


def list_entries(catalogue: Catalog) -> Iterable[Message]:
    """Return the entries without the header."""
    return [message for message in catalogue if message.id]


def write_catalogue(path: Path, strings: Catalog) -> int:
    """Write every string with the translation that it has so far; return how many have none."""
    held = read_catalogue(path) if path.exists() else Catalog(locale=path.stem)
    made = Catalog(locale=path.stem)
    missing = 0
    for message in list_entries(strings):
        before = held.get(message.id, message.context)
        given = before.string if before is not None else ""
        missing += not all(given if isinstance(given, tuple | list) else (given,))
        made.add(message.id, given, context=message.context, flags=message.flags - {"fuzzy"})
    body = io.BytesIO()
    # neither places nor dates, and sorted: two people who add strings seldom touch the same lines
    write_po(body, made, width=0, omit_header=True, sort_output=True, no_location=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {path.stem}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {made.plural_forms}\\n"\n\n'
    )
    path.write_bytes(header.encode() + body.getvalue())
    return missing


def main(languages: list[str]) -> None:
    """Bring the strings into all catalogues, or into those of the named languages, which are made if need be."""
    write_texts()
    strings = extract_strings()
    paths = [CATALOGUES / f"{language}.po" for language in languages] or sorted(CATALOGUES.glob("*.po"))
    for path in paths:
        missing = write_catalogue(path, strings)
        sys.stdout.write(f"{path.name}: {len(strings)} strings, {missing} without a translation\n")


if __name__ == "__main__":
    main(sys.argv[1:])
