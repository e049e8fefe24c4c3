"""What a person sees who opens the fictional networks: what is there, and where to look."""

from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from contracts.networks import network_of
from libs.french import number
from simulation.country.days import DAY, PARIS, aware
from simulation.serving.exchange import HTML, Answer
from simulation.serving.platforms import Networks


def wants_page(verb: str, name: str, accept: str) -> bool:
    """Whether a request under ``/__world__/`` is a browser's for its first page."""
    return verb == "GET" and not name and "text/html" in accept


def front(networks: Networks, base: str) -> Answer:
    """The page, in French; ``base`` is the address of the server, as its reader reached it."""
    moment = networks.moment()
    known = networks.world.by_network
    buckets = networks.ledger.buckets.values()
    text = _template().render(
        base=base,
        seed=networks.world.seed,
        now=f"{aware(moment).astimezone(PARIS):%d/%m/%Y à %H:%M}",
        territories=len(networks.world.places),
        accounts=len(networks.world.accounts),
        streams=networks.listeners,
        asked=sum(bucket.asked for bucket in buckets),
        refused=sum(bucket.refused for bucket in buckets),
        faults=len(networks.faults.known),
        crises=len(networks.world.mentions.crises(moment - 30 * DAY, moment + DAY)),
        networks=[
            (network_of(name).name, network.hosts, len(known[name]))
            for name, network in networks.by_name.items()
        ],
    )
    return Answer(200, text.encode(), HTML)


@cache
def _template() -> Template:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cast("dict[str, Any]", pages.filters)["number"] = number
    return pages.get_template("front.html")
