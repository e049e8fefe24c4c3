"""Templates → pages, with the filters that write figures as French does."""

import re
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from contracts.addresses.hosts import web_address
from contracts.alerts import Silence
from contracts.networks import network_of
from contracts.territories import Territories, Territory
from libs import french
from services.api.entering.agent import Agent, agent_of
from services.api.files import redistribution
from services.api.installation import installation
from services.api.web.headers import OWN_COOKIE
from services.api.words.lessons import lesson_for
from services.api.words.unscored import why_unscored

FOLDER = Path(__file__).parents[1]
_SECRET = re.compile(r"(/confirmer/|/entrer/lien/|/embargo/).+")


def _silence_words(why: str) -> str:
    """Say in French why a message was not sent; what failed is told in detail by the log."""
    known = {silence.value: silence.words for silence in Silence}
    return known.get(why, "le message n’a pas pu être remis ; le journal dit pourquoi")


def _network_name(slug: str) -> str:
    return network_of(slug).name


def _breakable(handle: str) -> Markup:
    """Let a handle go to the next line before its dots, and nowhere else where it fits."""
    return Markup("<wbr>.").join(handle.split("."))


def _query(**given: str | None) -> str:
    """Write the query of a link, leaving out what is not given."""
    return urlencode({name: value for name, value in given.items() if value})


WRITTEN = (
    french.number, french.percent, french.signed, french.quantity, french.ordinal, french.plural,
    french.full_stop, french.month, french.in_month, french.of_month, french.of_name, french.day,
    french.short_day, french.day_and_month, french.moment, french.ago, french.duration,
    french.exact_time, french.clock_time, french.stratum,
)  # fmt: skip
"""What templates write as French does, by the name of the function."""


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = cast("dict[str, Any]", environment.filters)
    filters.update({write.__name__: write for write in WRITTEN})
    filters["network_name"] = _network_name
    filters["silence_words"] = _silence_words
    filters["why_unscored"] = why_unscored
    filters["withheld_note"] = redistribution.note
    filters["capitalize_first"] = french.sentence_case
    filters["breakable"] = _breakable
    filters["safe_svg"] = Markup
    filters["web"] = web_address
    given = cast("dict[str, Any]", environment.globals)
    given["query"] = _query
    given["lesson_for"] = lesson_for
    return environment


ENVIRONMENT = _environment()


def without_secret(path: str) -> str:
    """Return a path as logs and pages may repeat it: without the secret of a link."""
    return _SECRET.sub(r"\1…", path)


def _place(request: Request, territories: Territories, agent: Agent) -> Territory | None:
    """Return the territory of an agent: of several, the one they chose."""
    chosen = request.cookies.get(OWN_COOKIE, "")
    code = chosen if chosen in agent.own else next(iter(agent.own), "")
    return territories.get(code)


def page(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """Return a page; every template is given the installation and the address it was asked at."""
    here, agent = installation(request), agent_of(request)
    text = ENVIRONMENT.get_template(template).render(
        here=here,
        simulation=here.simulation,
        agent=agent,
        agent_place=_place(request, here.territories, agent) if agent else None,
        path=without_secret(request.url.path),
        now=here.clock.now(),
        **context,
    )
    return HTMLResponse(french.typography(text), status)
