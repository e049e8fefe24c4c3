"""The advice for an account: of its largest losses that it can move, or that nothing is urgent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from contracts.scores import reason_words
from libs import french
from libs.french import NO_BREAK
from services.api.words import sentences
from services.api.words.advice.effects import Effect, effect
from services.api.words.advice.levers import LEVERS
from services.api.words.advice.pairs import OTHERWISE, PAIRS, Pair
from services.api.words.advice.situation import Group, Situation
from services.api.words.lessons import Lesson, lesson_for, lessons

LOSSES_CHOSEN = 2
"""How many losses advice is chosen from."""

CLOSEST = 2
"""Of each loss, how many pairs take turns, a week each."""

RISE = 1.5
"""Times its earlier rhythm from which an account in an electoral period is told of it."""

NAMES: Mapping[Group, str] = {
    "reactions": "les réactions",
    "rhythm": "le rythme",
    "audience": "l’audience",
}
ASIDE = {
    "praised": "c’est déjà ce qui aide le plus",
    "muted": "en période électorale, rien n’en est conseillé",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do, why it is this, and the lesson that says how.

    `act` and `why` have no capital nor full stop. `lever` and `reason` name the pair, `group` what
    it moves, `effect` what a step would change; `instead` says why larger losses are left aside,
    empty when none is. Without `act`, nothing is urgent.
    """

    act: str = ""
    why: str = ""
    lesson: Lesson | None
    lever: str = ""
    reason: str = ""
    group: Group | None = None
    effect: Effect | None = None
    instead: str = ""


def advise(of: Situation) -> Advice:
    """Return what to do this week, or that nothing is urgent: then a lesson to read.

    What the page praises, or what three accounts in four do less well, is no subject of advice. In
    an electoral period rhythm is one only to come back to what it was before. The two largest
    losses take turns by week, and for each the pairs closest to the account.
    """
    if of.score.score is None:
        return unscored(of)
    if (risen := _risen(of)) is not None:
        return risen
    losses = of.losses
    free: list[Group] = [one for one in losses if of.aside(one) is None]
    held = [_fitting(of, group) for group in free[:LOSSES_CHOSEN]]
    turns = [pair for row in _by_turn(held) for pair in row]
    if not turns:
        return Advice(lesson=_of_the_week(of))
    pair, why = turns[_turn(of) % len(turns)]
    larger = losses[: losses.index(pair.group)]
    return _told(
        pair.lever,
        pair.reason,
        pair.group,
        why,
        effect=effect(of, pair.group),
        instead=_instead(of, larger),
    )


def _told(
    lever: str, reason: str, group: Group, why: str, *, effect: Effect | None, instead: str
) -> Advice:
    held = LEVERS[lever]
    return Advice(
        act=held.act,
        why=why,
        lesson=lessons()[held.lesson],
        lever=lever,
        reason=reason,
        group=group,
        effect=effect,
        instead=instead,
    )


def _of_the_week(of: Situation) -> Lesson | None:
    return lesson_for(network=of.score.network, category=of.category.value, turn=_turn(of))


def _turn(of: Situation) -> int:
    """Return the number of the week, from another one for each account: neighbours do not hear
    the same thing the same Monday.
    """
    return (of.day.toordinal() - 1) // 7 + crc32(of.score.account.encode())


def _fitting(of: Situation, group: Group) -> list[tuple[Pair, str]]:
    return _among(PAIRS, of, group) or _among(OTHERWISE, of, group)


def _among(pairs: Sequence[Pair], of: Situation, group: Group) -> list[tuple[Pair, str]]:
    found = [
        (pair, why)
        for pair in pairs
        if pair.group == group
        if not pair.networks or of.score.network in pair.networks
        if (why := pair.why(of))
    ]
    return found[:CLOSEST]


def _by_turn(held: Sequence[Sequence[tuple[Pair, str]]]) -> list[list[tuple[Pair, str]]]:
    """Return the first of each loss, then the second of each."""
    return [[row[place] for row in held if place < len(row)] for place in range(CLOSEST)]


def _instead(of: Situation, larger: Sequence[Group]) -> str:
    """Say why the losses before the one chosen are left; empty when it is one of the two."""
    if len(larger) < LOSSES_CHOSEN:
        return ""
    said = [f"{NAMES[one]} ({ASIDE[why]})" for one in larger if (why := of.aside(one))]
    return f"ce qui laisse plus de points est mis de côté{NO_BREAK}: {french.series(said)}"


def _risen(of: Situation) -> Advice | None:
    """Return the advice to come back to the rhythm of before an electoral period (L. 52-1)."""
    before, now = of.usual, of.rhythm
    if not of.electoral or before is None or now is None:
        return None
    if now.weekly < RISE * before.weekly or now.weekly - before.weekly < 1:
        return None
    why = (
        f"{sentences.weekly(now.weekly)} {french.in_month(of.score.period)}, "
        f"{french.number(before.weekly, 1)} avant la période"
    )
    instead = f"avant les points, la loi{NO_BREAK}: article L. 52-1"
    return _told("avant", "rythme-en-hausse", "rhythm", why, effect=None, instead=instead)


def unscored(of: Situation) -> Advice:
    """Return what to do about an account that has no score, and a lesson of its network."""
    score = of.score
    network, category = score.network, score.category or ""
    own = lesson_for(network=network, category=category, named=True)
    if score.reason == "few_posts":
        posts = french.plural(score.posts or 0, "publication")
        short = f"{posts} dans le mois, un score en demande 4"
        if of.electoral:
            lesson = lesson_for(when="electoral", category=category)
            return Advice(act=KEEP, why=f"{short}, et la période est électorale", lesson=lesson)
        few = lesson_for(when="few_posts", network=network, category=category)
        return Advice(act=few.act if few else "", why=short, lesson=few)
    if score.reason == "hidden":
        return Advice(act=SHOW, why="sans eux, personne ne peut noter ce compte", lesson=own)
    ours = reason_words(score.reason).family
    said = "aucun score ne dépend de vous ici" if ours == OURS else "compté à part, lu quand même"
    return Advice(act=own.act if own else "", why=said, lesson=own or lesson_for(when="score"))


OURS = "De notre fait"
KEEP = "gardez le rythme d’avant, et choisissez la publication la plus utile de la semaine"
SHOW = "réaffichez le nombre de mentions « j’aime » dans les réglages du compte"
