"""Documents for programs: what ``--json`` prints and what the API answers, in the same words."""

from pathlib import PurePath
from typing import Any, Self

from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field

from semblance.errors import ManifestError, RefusedByPolicy, SemblanceError
from semblance.messages.message import Message, escape_unprintable
from semblance.messages.stored import write_message

_NAME_LENGTH_CAP = 255
_LENGTH_CAP = 4_000
_PROBLEMS_CAP = 100


class Document(BaseModel):
    """Base of all documents; unknown fields are refused, and each can be read from what it describes."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    @classmethod
    def from_value(cls, value: object, /, context: object = None, **others: object) -> Self:
        """Return the document of a value: what is not among ``others`` is read from the attributes of that name."""
        read = {name: getattr(value, name) for name in cls.model_fields if name not in others and hasattr(value, name)}
        return cls.model_validate(read | others, context=context)


def taken_from(name: str, *path: str, description: str | None = None) -> Any:
    """Return the field ``name`` of a document that is called otherwise, or lies deeper, in what it describes."""
    return Field(validation_alias=AliasChoices(name, AliasPath(*path)), description=description)


class MessageDocument(Document):
    """Something that is said: ``id`` is stable, ``text`` is the English sentence, ``values`` are what it speaks of."""

    id: str = Field(examples=["records.no-record"])
    text: str
    values: dict[str, Any] = Field(description="Texts, numbers, lists of them, or messages: id and values.")

    @classmethod
    def of(cls, message: Message) -> "MessageDocument":
        """Return the document of a message."""
        return cls(id=message.identifier, text=_shorten(str(message)), values=_cap(write_message(message)["values"]))


class ErrorDetail(Document):
    """What went wrong: ``code`` says of which kind, ``id`` what exactly; ``message`` is for people."""

    code: str = Field(examples=["not-found"])
    id: str = Field(examples=["records.no-record"])
    message: str = Field(examples=["There is no record 'FR-2024-0017'. `semblance record list` lists the records."])
    values: dict[str, Any] = Field(default={}, description="What the message speaks of.")
    rule: str | None = Field(default=None, description="The rule of the policy that refused.")
    field: str | None = Field(default=None, description="What of the request the refusal is about.")
    problems: tuple[MessageDocument, ...] = Field(default=(), description="Every single problem, of several.")
    request: str | None = Field(
        default=None, description="Beside a 5xx: the number by which the node's log knows the request."
    )


class ErrorDocument(Document):
    """The body of every answer that is no success."""

    error: ErrorDetail

    @classmethod
    def of(cls, error: SemblanceError, told: Message | None = None, *, request: str | None = None) -> "ErrorDocument":
        """Return the document of an error; ``told`` is what is said in the place of its own words."""
        said = MessageDocument.of(told or error.message)
        problems = error.problems if isinstance(error, ManifestError) else ()
        refused = error if isinstance(error, RefusedByPolicy) else None
        detail = ErrorDetail(
            code=error.code,
            id=said.id,
            message=_shorten(str(told or error)),
            values=said.values,
            rule=None if refused is None else refused.rule,
            field=None if refused is None else refused.field,
            problems=tuple(map(MessageDocument.of, problems[:_PROBLEMS_CAP])),
            request=request,
        )
        return cls(error=detail)


def _shorten(text: str) -> str:
    # what was asked stands in the sentence: it may be no text at all, or megabytes of it
    shown = escape_unprintable(text, breaks=True)
    return shown if len(shown) <= _LENGTH_CAP else f"{shown[:_LENGTH_CAP]}…"


def _cap(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cap(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_cap(part) for part in value[:_PROBLEMS_CAP]]
    return _shorten(value) if isinstance(value, str) else value


def shorten_name(name: str) -> str:
    """Return the last part of a path, for places where the folders around it are of no use.

    What cannot be printed is in visible escapes; of a name that is too long the end is kept.
    """
    return escape_unprintable(PurePath(name.replace("\\", "/")).name or name)[-_NAME_LENGTH_CAP:]
