"""From what a page shows to HTML. Everything is escaped; an undefined name in a template is an error."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from semblance.edge.document import shorten_name
from semblance.edge.failures import note_failure
from semblance.edge.statuses import find_status, list_headers
from semblance.errors import SemblanceError
from semblance.web.page.contexts import Frame
from semblance.web.wording.field_labels import name_field
from semblance.web.wording.language import get_spoken, open_catalogue
from semblance.web.wording.say_message import say_error, say_message, say_sentence
from semblance.web.wording.words import grade_state, say_act, say_kind, say_moment, say_rate, say_state, say_value

Problem = str | SemblanceError | None
"""What is wrong with what was sent: a sentence of the page's own, or the error with its own sentence and status."""


@cache
def open_templates() -> Environment:
    """Return the templates, opened once."""
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
    templates.filters.update(
        act=say_act,
        field=name_field,
        grade=grade_state,
        kind=say_kind,
        message=say_message,
        moment=say_moment,
        rate=say_rate,
        sentence=say_sentence,
        short=shorten_name,
        state=say_state,
        value=say_value,
    )
    return templates


def render_page(
    template: str, frame: Frame, /, *, problem: Problem = None, status: int | None = None, **values: object
) -> HTMLResponse:
    """Render a template in its frame with these values, gettext, and the filters that say values.

    The status is that of the problem, 422 for a sentence, unless another one is given.
    """
    found, words, headers = (200 if problem is None else 422), problem, {}
    if isinstance(problem, SemblanceError):
        found, words, headers = find_status(problem), say_error(problem), list_headers(problem)
        if found >= 500:
            note_failure(problem)
    page = open_templates().get_template(template).render(values, frame=frame, problem=words)
    return HTMLResponse(page, status_code=found if status is None else status, headers=headers)
