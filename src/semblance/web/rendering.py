"""From a page's context to HTML. Everything is escaped; an undefined name in a template is an error."""

from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@cache
def _open_templates() -> Environment:
    return Environment(
        loader=PackageLoader("semblance.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(template: str, context: "DataclassInstance", *, status: int = 200) -> HTMLResponse:
    """Render a template with the fields of its context, and with nothing else."""
    assert is_dataclass(context)
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return HTMLResponse(_open_templates().get_template(template).render(values), status_code=status)
