"""Manifests whose photos have sources of their own."""

import csv
from datetime import date
from pathlib import Path

import pytest

from semblance.errors import ManifestError
from semblance.exchange.manifest import read_manifest
from semblance.gallery.record import ImageSource

COLUMNS = ("subject", "path", "authority", "obtained", "obtained_on")


def write(folder: Path, *rows: tuple[str, ...]) -> Path:
    for row in rows:
        (folder / row[1]).write_bytes(b"photo")
    path = folder / "manifest.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def test_each_photo_has_its_own_source_or_that_of_the_whole(tmp_path: Path) -> None:
    path = write(tmp_path, ("A", "1.jpg", "FR", "passport file", "2025-07-01"), ("A", "2.jpg", "", "", ""))
    assert [item.origin for item in read_manifest(path).items] == [
        ImageSource("FR", "passport file", date(2025, 7, 1)),
        None,
    ]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("FR", "", "2025-07-01"), "go together"),
        (("FR", "passport file", ""), "go together"),
        (("FR", "passport file", "7.2025"), "is no day"),
        (("FR", "passport file", "1/7/2025"), "may be 2025-07-01 or 2025-01-07"),
        (("FR", "passport file", "2125-07-01"), "lies in the future"),
        (("FR", "-", "2025-07-01"), "say how the image was obtained"),
    ],
)
def test_half_a_source_is_none(tmp_path: Path, cells: tuple[str, str, str], words: str) -> None:
    with pytest.raises(ManifestError) as raised:
        read_manifest(write(tmp_path, ("A", "1.jpg", *cells)))
    assert words in str(raised.value.problems[0])
    assert str(raised.value.problems[0]).startswith("line 2: ")
