"""What the invented people say is French, said in its season, and agrees with the clock."""

import re
from datetime import date
from itertools import chain
from typing import NamedTuple

import msgspec
import pytest

from libs.clock import SteppedClock
from simulation.country.days import DAY, PARIS, aware, civil, day_of, moment_of
from simulation.country.texts import WEEKDAYS, Line, Writer, grammar, hour_said
from simulation.country.world import World
from simulation.networks import rss
from simulation.serving.platforms import Networks
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
    r"Fortes chaleurs|canicule": {6, 7, 8}, r"bal des pompiers|retraite aux flambeaux": {7},
    r"fête de la musique|kermesse": {6}, r"Noël": {11, 12}, r"[Nn]eige|verglas": {11, 12, 1, 2, 3},
    r"Grand froid": {12, 1, 2}, r"orages": {5, 6, 7, 8, 9}, r"vœux|galette": {1},
    r"[Cc]arnaval|costumé": {2, 3}, r"brocante d’automne": {9, 10, 11},
    r"forum des associations": {9}, r"nuit des étoiles|plein air": {7, 8},
    r"menus de la semaine": {9, 10, 11, 12, 1, 2, 3, 4, 5, 6},
    r"planté des arbres|plantations|élagage": {11, 12, 1, 2, 3},
    r"au printemps": {9, 10, 11, 12, 1}, r"géraniums": {5, 6, 7, 8, 9},
    r"budget adopté": {12, 1, 2, 3, 4},
}  # fmt: skip
"""Words that betray a text said in another month than these."""


HOUR_SAID = re.compile(r"\b(\d{1,2}) h(?: (\d\d))?\b")
OTHER_DAYS = re.compile("|".join((*WEEKDAYS, "tous les jours", "quelques jours")), re.IGNORECASE)
"""What makes an hour that of another day than the text's, or of every day."""


class Said(NamedTuple):
    """A text with its title, and the civil day on which it was said."""

    day: int
    text: str


@pytest.fixture(scope="module")
def year(world: World) -> list[list[Said]]:
    """What is said on some days of each month: four of posts, two of mentions."""
    months: list[list[Said]] = []
    for month in range(1, 13):
        since = moment_of(f"2026-{month:02d}-10")
        said = [
            Said(post.day, "\n".join((written.title, written.text)))
            for account in world.accounts
            for post in world.press.between(account, since, since + 4 * DAY)
            for written in (world.text(post),)
        ]
        said += [
            Said(day_of(one.moment), f"{one.title} {one.text}")
            for one in world.mentions.between(since, since + 2 * DAY)
            if one.crisis is None
        ]
        assert len(said) > 300
        months.append(said)
    return months


def said_in(line: Line, month: int) -> tuple[str, ...]:
    return WORDS.of_month((line,), month)


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line)[:60])
def test_a_template_is_french_whatever_fills_it(line):
    given = {"place": "Essai-sur-Onde", "de_place": "d’Essai-sur-Onde", "since": "8 h 30"}
    writer = Writer()
    months = [month for month in range(1, 13) if said_in(line, month)]
    assert months
    for seed in range(72):
        month = months[seed % len(months)]
        (template,) = said_in(line, month)
        day = date(2026, month, 1 + seed % 28).toordinal()
        text = writer.fill(template, seed * 7_919_317, given, day)
        assert not WRONG.search(RIGHT.sub("", text)), text
        assert text[0] == text[0].upper()


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_something_to_say_of_everything(month):
    for name, lines in WORDS.slots.items():
        assert WORDS.of_month(lines, month), name
    for theme in WORDS.themes.values():
        assert len(WORDS.of_month(theme.templates, month)) >= 2
    for name, lines in WORDS.mentions.items():
        assert WORDS.of_month(lines, month), name


def test_nothing_is_said_out_of_its_season(year):
    seen: dict[str, set[int]] = {pattern: set() for pattern in SEASONAL}
    for month, said in enumerate(year, 1):
        whole = "\n".join(one.text for one in said)
        for pattern, months in SEASONAL.items():
            if re.search(pattern, whole):
                seen[pattern].add(month)
                assert month in months, (pattern, re.findall(f".*(?:{pattern}).*", whole)[:2])
    assert [pattern for pattern, months in seen.items() if not months] == []


def test_an_hour_is_never_of_the_day_of_its_text(year):
    """« Rendez-vous mardi à 10 h » said on a Tuesday at noon would contradict the clock."""
    hours = 0
    for day, text in chain.from_iterable(year):
        assert WEEKDAYS[civil(day)[2]] not in text.lower(), text
        if HOUR_SAID.search(text):
            hours += 1
            assert OTHER_DAYS.search(text), text
    assert hours > 500


def test_a_crisis_has_one_hour_and_it_is_past(world):
    since = moment_of("2026-01-01")
    told = 0
    for crisis in world.mentions.crises(since, since + 365 * DAY):
        started = aware(crisis.start).astimezone(PARIS)
        said = [one.text for one in world.mentions.said(crisis)]
        hours = {found.groups() for text in said for found in HOUR_SAID.finditer(text)}
        hours |= {("0", None) for text in said if "minuit" in text}
        assert len(hours) <= 1
        for hour, minutes in hours:
            told += 1
            clock = 60 * int(hour or 0) + int(minutes or 0)
            before = (60 * started.hour + started.minute - clock) % (24 * 60)
            assert before <= 45, (started, said)
            assert (
                crisis.noticed
                < crisis.start
                <= min(one.moment for one in world.mentions.said(crisis))
            )
    assert told > 30


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24T08:30:00+01:00", "8 h 30"),
        ("2026-07-14T10:00:00+02:00", "10 h"),
        ("2026-11-24T00:00:00+01:00", "minuit"),
        ("2026-11-24T00:05:00+01:00", "0 h 05"),
    ],
)
def test_an_hour_is_said_as_in_paris(moment, said):
    assert hour_said(moment_of(moment)) == said


def test_a_headline_is_not_the_article(world):
    now = moment_of("2026-11-24T08:40:00+01:00")
    articles = [one for one in world.mentions.between(now - DAY, now) if one.network == "rss"]
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


def test_a_season_that_is_not_known_is_an_error():
    wrong = msgspec.structs.replace(WORDS, slots={"day": ({"monsoon": "lundi"},)})
    with pytest.raises(KeyError, match="monsoon"):
        Writer(wrong)
