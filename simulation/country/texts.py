"""French texts from a small grammar of our own (``texts.yaml``): official posts, what people say.

A text is a pure function of the numbers drawn for it.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import yaml

from libs.french import punctuation
from simulation.country.chance import scaled
from simulation.country.days import PARIS, aware, civil
from simulation.country.names import slug
from simulation.country.posts import Post

FILE = Path(__file__).with_name("texts.yaml")
_SLOT = re.compile(r"\{(\w+)\}")
_STEP, _SHIFT, _MASK = 1_103_515_245, 12_345, 0xFFFFFFFF


Line = str | dict[str, str]
"""A text of the whole year; or that of a season, by the season's name."""

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


class ThemeLaw(msgspec.Struct, frozen=True):
    """A theme of municipal communication: its weight, its titles, its templates, its hashtags."""

    weight: int
    hashtags: tuple[str, ...]
    titles: tuple[str, ...]
    templates: tuple[Line, ...]


class CrisisWords(msgspec.Struct, frozen=True):
    """What is said in a crisis, and the term by which one finds it."""

    term: str
    templates: tuple[str, ...]


class Grammar(msgspec.Struct, frozen=True):
    """The whole file; ``seasons`` are months of the year, 1 to 12."""

    seasons: dict[str, tuple[int, ...]]
    themes: dict[str, ThemeLaw]
    closings: tuple[str, ...]
    contests: tuple[str, ...]
    contest_hashtag: str
    slots: dict[str, tuple[Line, ...]]
    mentions: dict[str, tuple[Line, ...]]
    crises: dict[str, CrisisWords]

    def of_month(self, lines: Sequence[Line], month: int) -> tuple[str, ...]:
        """The lines that may be said in a month.

        Raises:
            KeyError: when a line names a season that there is not.
        """
        return tuple(
            text
            for line in lines
            for season, text in (line.items() if isinstance(line, dict) else (("", line),))
            if not season or month in self.seasons[season]
        )


class Written(NamedTuple):
    """A text, the hashtags in it (without #), and its title where the network shows one."""

    text: str
    hashtags: tuple[str, ...]
    title: str = ""


class Spoken(NamedTuple):
    """What may be said on such a day: templates by theme, mentions, slots."""

    themes: tuple[tuple[str, ...], ...]
    mentions: dict[str, tuple[str, ...]]
    slots: dict[str, tuple[str, ...]]
    compiled: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]]


@cache
def grammar(path: Path = FILE) -> Grammar:
    """The grammar of a file; raises ``msgspec.ValidationError`` naming what is wrong."""
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Grammar)


class Writer:
    """Writes texts; French typography, since readers are agents of French local authorities."""

    def __init__(self, words: Grammar | None = None) -> None:
        """Take a grammar (the committed one by default)."""
        self._grammar = words or grammar()
        self._themes = tuple(self._grammar.themes.values())
        self._year = tuple(
            tuple(self._spoken(month, today) for today in WEEKDAYS) for month in range(1, 13)
        )

    @property
    def weights(self) -> dict[str, int]:
        """How often each theme is spoken of, by name; posts hold its rank."""
        return {name: theme.weight for name, theme in self._grammar.themes.items()}

    def _spoken(self, month: int, today: str) -> Spoken:
        """What may be said in a month on such a weekday, which is not called by its name.

        An hour of a day that is named is thus to come, or past, whatever hour it is today.
        """
        words = self._grammar

        def said(lines: Mapping[str, Sequence[Line]]) -> dict[str, tuple[str, ...]]:
            return {name: words.of_month(some, month) for name, some in lines.items()}

        themes = tuple(words.of_month(theme.templates, month) for theme in self._themes)
        slots = {
            name: tuple(choice for choice in choices if choice != today)
            for name, choices in said(words.slots).items()
        }
        return Spoken(themes, said(words.mentions), slots, {})

    def _on(self, day: int) -> Spoken:
        month, _, weekday = civil(day)
        return self._year[month - 1][weekday]

    def post(self, post: Post, moment: int | None = None) -> Written:
        """The text of an official post at a moment (edited posts change; None is the end)."""
        words, account = post.said, post.account
        day = post.day
        theme, templates = self._themes[post.theme], self._on(day).themes[post.theme]
        hashtag = theme.hashtags[words[12] >> 4 & 1]
        if post.contest:
            templates, hashtag = self._grammar.contests, self._grammar.contest_hashtag
        template = templates[scaled(words[14] ^ words[15], len(templates))]
        seed, given = words[13] ^ words[11], {"place": account.place, "de_place": account.de_place}
        text, title = self.fill(template, seed, given, day), ""
        if post.kind in account.rules.titled:
            title = self.fill(theme.titles[scaled(words[7], len(theme.titles))], seed, given, day)
        if post.long:
            closings = self._grammar.closings
            closing = closings[scaled(words[7] ^ words[12], len(closings))]
            text += " " + self.fill(closing, seed, given, day)
        tags: tuple[str, ...] = ()
        if words[12] & 3 or post.contest:
            tags = (hashtag, slug(account.place).capitalize())[: 1 + (words[12] >> 8 & 1)]
            text += " " + " ".join("#" + tag for tag in tags)
        if post.kind == "link":
            text += f"\nhttps://www.{slug(account.place)}.example/actualites/{post.number}"
        if post.edited_by(moment):
            text += "\n(Modifié : les horaires ont été précisés.)"
        return Written(text, tags, title)

    def fill(self, template: str, seed: int, given: Mapping[str, str], day: int) -> str:
        """A template with its slots drawn one after the other among those of a civil day."""
        spoken = self._on(day)
        parts = spoken.compiled.get(template)
        if parts is None:
            parts = spoken.compiled[template] = self._parts(template, spoken.slots)
        pieces: list[str] = []
        state = seed & _MASK
        for literal, name, choices in parts:
            pieces.append(literal)
            if choices:
                state = (state * _STEP + _SHIFT) & _MASK
                pieces.append(choices[state * len(choices) >> 32])
            elif name:
                value = given[name.removesuffix("_cap")]
                pieces.append(value[0].upper() + value[1:] if name.endswith("_cap") else value)
        return "".join(pieces)

    @staticmethod
    def _parts(
        template: str, slots: Mapping[str, tuple[str, ...]]
    ) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """(text, slot, what may fill it) of a template, with French spaces."""
        pieces = [*_SLOT.split(template), ""]
        parts: list[tuple[str, str, tuple[str, ...]]] = []
        for literal, name in zip(pieces[::2], pieces[1::2], strict=True):
            choices = tuple(map(punctuation, slots.get(name.removesuffix("_cap"), ())))
            if name.endswith("_cap"):
                choices = tuple(choice[0].upper() + choice[1:] for choice in choices)
            parts.append((punctuation(literal), name, choices))
        return tuple(parts)

    def mention(self, kind: str, seed: int, place: str, de_place: str, day: int) -> str:
        """What somebody says: ``about``, ``press`` (a headline, then the rest on another line),
        ``homonyms`` or ``noise``."""
        templates = self._on(day).mentions[kind]
        return self._chosen(templates, seed, {"place": place, "de_place": de_place}, day)

    def crisis(self, kind: str, seed: int, given: Mapping[str, str], day: int) -> str:
        """What somebody says in a crisis; ``given`` are place, de_place, and since what hour."""
        return self._chosen(self._grammar.crises[kind].templates, seed, given, day)

    def term(self, kind: str) -> str:
        """The words by which a crisis is found."""
        return self._grammar.crises[kind].term

    def crises(self) -> tuple[str, ...]:
        """The kinds of crises."""
        return tuple(self._grammar.crises)

    def _chosen(
        self, templates: Sequence[str], seed: int, given: Mapping[str, str], day: int
    ) -> str:
        return self.fill(templates[scaled(seed, len(templates))], seed, given, day)


def hour_said(moment: int) -> str:
    """The hour of a moment in Paris as people say it: « 8 h 30 », « 8 h », « minuit »."""
    local = aware(moment).astimezone(PARIS)
    if not local.minute:
        return f"{local.hour} h" if local.hour else "minuit"
    return f"{local.hour} h {local.minute:02d}"
