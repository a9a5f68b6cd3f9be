"""What is met with while notices are read: how many, which numbers, and what was left out of them."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from semblance.gallery.record import RecordDraft
from semblance.messages.message import Message, escape_unprintable

_NOTED: Final = 20


class Census:
    """What was met with in one pass: how many, which numbers, and what was left out."""

    def __init__(self) -> None:
        self.total = 0
        self.used: set[str] = set()
        self._numbers: dict[str, tuple[str, bytes]] = {}
        self._twice = 0
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}

    def compare(self, place: str, draft: RecordDraft, images: tuple[str, ...]) -> tuple[str | None, bool]:
        """Return where the number stood before, if it did, and whether it said the same there."""
        digest = hashlib.sha256(repr((draft, images)).encode("utf-8", "backslashreplace")).digest()[:16]
        earlier = self._numbers.setdefault(draft.number, (place, digest))
        if earlier[0] == place:
            return None, True
        self._twice += earlier[1] == digest
        return earlier[0], earlier[1] == digest

    def note(self, place: str, **left_out: tuple[str, ...]) -> None:
        for what, names in left_out.items():
            for name in names:
                key = (what, escape_unprintable(name[:100]))
                if key in self._first or len(self._first) < 1000:
                    self._first.setdefault(key, place)
                    self._left_out[key] += 1

    def describe(self, pictures: int) -> Iterator[Message]:
        for what, why in _LEFT_OUT.items():
            fields = [(name, count) for (kind, name), count in self._left_out.most_common() if kind == what]
            for name, count in fields[:_NOTED]:
                place = self._first[what, name]
                yield (
                    Message(
                        "operator.notices.fields-left-out",
                        "{name} in {place} and {n} more: {why}",
                        name=name,
                        place=place,
                        n=count - 1,
                        why=why,
                    )
                    if count > 1
                    else Message(
                        "operator.notices.field-left-out", "{name} in {place}: {why}", name=name, place=place, why=why
                    )
                )
            if len(fields) > _NOTED:
                yield Message(
                    "operator.notices.other-fields", "{n} other fields: {why}", n=len(fields) - _NOTED, why=why
                )
        if self._twice:
            yield Message(
                "operator.notices.twice",
                "{n} notices stand there more than once, word for word, and are taken once",
                n=self._twice,
            )
        if len(self.used) < pictures:
            yield Message(
                "operator.notices.unused-files",
                "{n} files are named by no notice and were passed over",
                n=pictures - len(self.used),
            )


_LEFT_OUT: Final = {
    "forbidden": Message("operator.notices.forbidden", "no record says this of anybody: it was dropped"),
    "unknown": Message("operator.notices.unknown", "there is no such field: it was left out"),
    "invisible": Message("operator.notices.invisible", "characters that nobody sees were dropped"),
}
