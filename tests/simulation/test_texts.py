"""What the invented people say is French, and said in its season."""

import re
from itertools import chain

import msgspec
import pytest

from services.clock import SteppedClock
from simulation.days import DAY, aware, moment_of
from simulation.networks import rss
from simulation.platforms import Networks
from simulation.texts import Line, Writer, grammar
from simulation.world import World
from tests.simulation.client import Client

WRONG = re.compile(
    r"'"
    r"|\b(?:de|que|le|la|je|ne|se) (?:[aeiouyéèêîôAEIOUÉÈÊÎÔ])"
    r"|\b[àÀ] les? |\b[dD]e les? "
    r"|(?:^|[^.!?…»] )D’Essai"
    r"|\{|\}"
)
RIGHT = re.compile(r"\b(?:le|la) (?:onze|oui|yaourt)")
WORDS = grammar()
LINES: list[Line] = [
    *chain.from_iterable((*theme.titles, *theme.templates) for theme in WORDS.themes.values()),
    *chain.from_iterable(WORDS.mentions.values()),
    *chain.from_iterable(crisis.templates for crisis in WORDS.crises.values()),
]
SEASONAL = {
    r"Fortes chaleurs|canicule": {6, 7, 8},
    r"bal des pompiers|retraite aux flambeaux": {7},
    r"fête de la musique|kermesse": {6},
    r"Noël": {11, 12},
    r"[Nn]eige|verglas": {11, 12, 1, 2, 3},
    r"Grand froid": {12, 1, 2},
    r"orages": {5, 6, 7, 8, 9},
    r"vœux|galette": {1},
    r"[Cc]arnaval|costumé": {2, 3},
    r"brocante d’automne": {9, 10, 11},
    r"forum des associations": {9},
    r"nuit des étoiles|plein air": {7, 8},
    r"menus de la semaine": {9, 10, 11, 12, 1, 2, 3, 4, 5, 6},
    r"planté des arbres|plantations|élagage": {11, 12, 1, 2, 3},
    r"au printemps": {9, 10, 11, 12, 1},
    r"géraniums": {5, 6, 7, 8, 9},
    r"budget adopté": {12, 1, 2, 3, 4},
}
"""Words that betray a text said in another month than these."""


def said_in(line: Line, month: int) -> tuple[str, ...]:
    return WORDS.of_month((line,), month)


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line)[:60])
def test_a_template_is_french_whatever_fills_it(line: Line) -> None:
    writer, given = Writer(), {"place": "Essai-sur-Onde", "de_place": "d’Essai-sur-Onde"}
    months = [month for month in range(1, 13) if said_in(line, month)]
    assert months
    for seed in range(72):
        month = months[seed % len(months)]
        (template,) = said_in(line, month)
        text = writer.fill(template, seed * 7_919_317, given, month)
        assert not WRONG.search(RIGHT.sub("", text)), text
        assert text[0] == text[0].upper()


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_something_to_say_of_everything(month: int) -> None:
    for name, lines in WORDS.slots.items():
        assert WORDS.of_month(lines, month), name
    for theme in WORDS.themes.values():
        assert len(WORDS.of_month(theme.templates, month)) >= 2
    for name, lines in WORDS.mentions.items():
        assert WORDS.of_month(lines, month), name


def test_nothing_is_said_out_of_its_season(world: World) -> None:
    seen: dict[str, set[int]] = {pattern: set() for pattern in SEASONAL}
    for month in range(1, 13):
        since = moment_of(f"2026-{month:02d}-10")
        texts = [
            "\n".join((written.title, written.text))
            for account in world.accounts
            for post in world.press.between(account, since, since + 4 * DAY)
            for written in (world.text(post),)
        ]
        texts += [f"{one.title} {one.text}" for one in world.murmur.between(since, since + 2 * DAY)]
        whole = "\n".join(texts)
        assert len(texts) > 300
        for pattern, months in SEASONAL.items():
            if re.search(pattern, whole):
                seen[pattern].add(month)
                assert month in months, (pattern, re.findall(f".*(?:{pattern}).*", whole)[:2])
    assert [pattern for pattern, months in seen.items() if not months] == []


def test_a_headline_is_not_the_article(world: World) -> None:
    now = moment_of("2026-11-24T08:40:00+01:00")
    articles = [one for one in world.murmur.between(now - DAY, now) if one.network == "rss"]
    assert len(articles) > 10
    for article in articles:
        assert article.title
        assert article.text
        assert article.title not in article.text
    client = Client(Networks(world, SteppedClock(aware(now))))
    for account in world.by_network["rss"]:
        posts = world.latest(account, now, 3)
        if rss.manner(world, account) != "rss" or not posts:
            continue
        client.get(account.native_id)
        body = client.body.decode()
        for post in posts:
            written = world.text(post, now)
            assert f"<title>{written.title}</title>" in body
            assert written.title not in written.text.split(" #")[0]


def test_a_season_that_is_not_known_is_an_error() -> None:
    wrong = msgspec.structs.replace(WORDS, slots={"day": ({"monsoon": "lundi"},)})
    with pytest.raises(KeyError, match="monsoon"):
        Writer(wrong)
