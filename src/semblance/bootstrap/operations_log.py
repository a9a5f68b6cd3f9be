"""The operations log: what the machine did, on standard error, one line a happening.

Never an image, a template, a subject's key, a file's name or a person's name: those stand in the store
only.
"""

import logging
import sys
from typing import Any

import structlog

FORBIDDEN_KEYS = frozenset(
    {"person", "subject", "subject_key", "label", "name", "file", "image", "photo", "template", "reason"}
)


def drop_personal_keys(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Remove from a log event whatever could identify a person, in case it was put there by mistake."""
    return {key: value for key, value in event.items() if key not in FORBIDDEN_KEYS and not isinstance(value, bytes)}


def configure_logging(level: str) -> None:
    """Send the operations log to standard error at that level, without colour where that is no terminal."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            drop_personal_keys,  # type: ignore[list-item]
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
