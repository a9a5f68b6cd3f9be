"""Tables as spreadsheets save them in several countries: read, or refused in a sentence that is true."""

import pytest

from semblance.exchange.sheet import SheetUnreadable, read_sheet
from semblance.exchange.written_dates import read_written_date
from semblance.messages.message import Message

KNOWN = ("subject", "path")
ROWS = [{"subject": "Müller", "path": "M/1.jpg"}, {"subject": "Łuk", "path": "L/1.jpg"}]
WESTERN = [{"subject": "Müller", "path": "M/1.jpg"}, {"subject": "François", "path": "F/1.jpg"}]


def read(data: bytes) -> list[dict[str, str]]:
    sheet = read_sheet(data, known=KNOWN)
    assert sheet.problems == ()
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_every_encoding_delimiter_and_end_of_line(encoding: str, mark: str, line: str) -> None:
    text = line.join(mark.join(cells) for cells in (("Subject", "PATH"), *(row.values() for row in ROWS)))
    assert read(text.encode(encoding)) == ROWS


def test_what_is_not_utf_8_is_read_as_windows_1252_and_that_is_said() -> None:
    sheet = read_sheet("subject;path\r\nMüller;M/1.jpg\r\nFrançois;F/1.jpg\r\n".encode("cp1252"), known=KNOWN)
    assert [row.cells for row in sheet.rows] == WESTERN
    (note,) = sheet.notes
    assert str(note) == ("it is not UTF-8 and was read as Windows-1252; see whether line 2 is right: Müller;M/1.jpg")


@pytest.mark.parametrize(("text", "encoding"), [("Иванов", "cp1251"), ("Παπαδόπουλος", "cp1253"), ("Иванов", "koi8-r")])
def test_what_is_no_western_text_is_not_taken_for_it(text: str, encoding: str) -> None:
    with pytest.raises(SheetUnreadable) as caught:
        read_sheet(f"subject,path\n{text},1.jpg\n".encode(encoding), known=KNOWN)
    assert "line 2" in str(caught.value.problem)
    assert "save it as CSV UTF-8" in str(caught.value.problem)


@pytest.mark.parametrize("stated", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;"])
def test_a_line_that_states_the_delimiter_is_none_of_the_rows(stated: str) -> None:
    sheet = read_sheet(f"{stated}\r\nsubject;path\r\nA, B;1.jpg\r\n".encode(), known=KNOWN)
    assert [(row.line, row.cells) for row in sheet.rows] == [(3, {"subject": "A, B", "path": "1.jpg"})]


def test_empty_columns_and_rows_say_nothing() -> None:
    text = ";;;\nsubject;;path;;\nA;;1.jpg;;\n;;;;\nB;;2.jpg\nC;;3.jpg;;;;;;\n"
    sheet = read_sheet(text.encode(), known=KNOWN)
    assert sheet.columns == KNOWN
    assert [(row.line, row.cells["subject"]) for row in sheet.rows] == [(3, "A"), (5, "B"), (6, "C")]


def test_a_value_that_stands_nowhere_is_a_fault() -> None:
    sheet = read_sheet(b"subject;;path\nA;x;1.jpg\nB;;2.jpg;y\n", known=KNOWN)
    assert list(map(str, sheet.problems)) == [
        "line 3: 4 values stand under 3 columns",
        "line 2: a value stands in a column without a name",
    ]


def test_a_delimiter_in_a_quoted_column_is_none() -> None:
    assert read(b'"subject";"path"\nA;1.jpg\n') == [{"subject": "A", "path": "1.jpg"}]
    assert read_sheet(b'"a, b, c";path\n1;2\n', known=()).columns == ("a, b, c", "path")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1980-12-31", "1980-12-31"),
        ("1980-12", "1980-12"),
        ("1980", "1980"),
        ("1980/12/31", "1980-12-31"),
        ("1980/1/2", "1980-01-02"),
        ("31.12.1980", "1980-12-31"),
        ("1.2.1980", "1980-02-01"),
        ("31/12/1980", "1980-12-31"),
        ("12/31/1980", "1980-12-31"),
        ("5/5/1980", "1980-05-05"),
        ("31-12-1980", "1980-12-31"),
        ("12/1980", "1980-12"),
        ("12.1980", "1980-12"),
        ("31.12.1980 00:00:00", "1980-12-31"),
        ("12/31/1980 0:00", "1980-12-31"),
        ("12/31/1980 12:00:00 AM", "1980-12-31"),
        ("1980-12-31T00:00:00", "1980-12-31"),
    ],
)
def test_a_day_that_can_only_be_one(written: str, meant: str) -> None:
    assert read_written_date(written) == meant


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("03/04/1980", "may be 1980-04-03 or 1980-03-04"),
        ("3-4-1980", "may be 1980-04-03 or 1980-03-04"),
        ("31.12.80", "names a year by two digits"),
        ("29586", "is a day as Excel counts them"),
        ("29586,5", "is a day as Excel counts them"),
        ("31. Dezember 1980", "is no date"),
        ("198", "is no date"),
        ("####", "is no date"),
    ],
)
def test_a_day_that_nobody_can_tell_is_refused_in_a_true_sentence(written: str, words: str) -> None:
    found = read_written_date(written)
    assert isinstance(found, Message)
    assert words in str(found)
