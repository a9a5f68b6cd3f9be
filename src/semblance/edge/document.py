"""Documents for programs: what ``--json`` prints and what the API answers, in the same words."""

from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, Field

from semblance.terms.text import escape_unprintable

_NAME_LENGTH_CAP = 255


class Document(BaseModel):
    """Base of all documents; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorDetail(Document):
    """What went wrong: ``code`` is stable, ``message`` is for people."""

    code: str = Field(examples=["not-found"])
    message: str = Field(examples=["There is no subject 'FR-2024-0017'. `semblance show` lists those that are held."])
    problems: tuple[str, ...] = Field(default=(), description="Every single problem, where there are several.")


class ErrorDocument(Document):
    """The body of every answer that is no success."""

    error: ErrorDetail


def shorten_name(name: str) -> str:
    """Return the last part of a path, for places where the folders around it are of no use.

    What cannot be printed is in visible escapes; of a name that is too long the end is kept.
    """
    return escape_unprintable(PurePath(name.replace("\\", "/")).name or name)[-_NAME_LENGTH_CAP:]
