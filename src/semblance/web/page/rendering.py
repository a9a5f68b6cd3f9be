"""From a page's context to HTML. Everything is escaped; an undefined name in a template is an error."""

from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from semblance.web.wording.language import get_spoken, open_catalogue

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@cache
def _open_templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("semblance.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.policies["ext.i18n.trimmed"] = True
    # looked up at each call, since one environment serves requests in all languages
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: open_catalogue(get_spoken().language).ugettext(text),
        ngettext=lambda one, many, n: open_catalogue(get_spoken().language).ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: open_catalogue(get_spoken().language).pgettext(context, text),
    )
    return templates


def render_page(template: str, context: "DataclassInstance", *, status: int = 200) -> HTMLResponse:
    """Render a template with the fields of its context, and with nothing else but gettext."""
    assert is_dataclass(context)
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return HTMLResponse(_open_templates().get_template(template).render(values), status_code=status)
