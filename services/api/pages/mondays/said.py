"""What the mail of a Monday says of a territory: what moved, the best post, one act, one lesson."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.addresses.hosts import web_address
from contracts.networks import network_of
from contracts.territories import Territory
from libs import french
from libs.clock import PARIS, paris_day
from libs.french import NARROW, NO_BREAK
from services.api.figures.queries import Figures
from services.api.figures.rows import AccountPost, KnownAccount, TerritoryScore
from services.api.figures.views import ACCOUNT_POSTS, PERIODS
from services.api.installation import Installation
from services.api.pages.sheets.sheet import Asked, Looked, look
from services.api.pages.territories.territory import known
from services.api.watching.regular.slots import days_before
from services.api.words.lessons import Lesson, lesson_for
from services.api.words.standing import moves, places

EIGHT = 8 * 60
"""Minutes after midnight in Paris, at which the mail is made."""

WEEK = 7
"""Days."""

POSTS_READ = 500
TEXT_MOST = 280
"""Posts of a week that are read, and characters of one that are quoted."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences, the text of a post (`quote`) and where it stands, then links."""

    title: str
    sentences: Sequence[str]
    quote: str = ""
    where: str = ""
    links: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Monday:
    """The mail of a territory; `address` of a link begins with `/` where it is a page of ours."""

    place: Territory
    at: datetime
    sections: Sequence[Section]


async def compose(here: Installation, place: Territory, at: datetime) -> Monday:
    """Write what there is to say at a moment; of what is not measured here, a lesson alone."""
    if not here.measured(place):
        return Monday(place, at, [_lesson(lesson_for(turn=_turn(at)))])
    periods = await here.figures.read(PERIODS)
    month = periods[0].period if periods else ""
    accounts, scores, _ = await known(here.figures, place.code, month)
    if not accounts:
        lesson = lesson_for(when="no_account", category=place.category.value)
        return Monday(place, at, [_no_account(place), _lesson(lesson)])
    looked = await look(here, place, Asked(month))
    posts = await _posts(here.figures, accounts, at)
    lesson = looked.subject.advice.lesson if looked else None
    sections = [
        _moved(place, looked, scores),
        _week(place, accounts, posts),
        _act(place, looked),
        _lesson(lesson or lesson_for(turn=_turn(at))),
    ]
    return Monday(place, at, sections)


def _turn(at: datetime) -> int:
    return at.toordinal() // 7


def _no_account(place: Territory) -> Section:
    return Section(
        "Ce qui a bougé",
        [f"Aucun compte {french.of_name(place.nom)} n’est connu de l’observatoire."],
        links={"Dire lequel est le vôtre": f"/equipe/{place.code}/comptes"},
    )


def _moved(place: Territory, looked: Looked | None, scores: Sequence[TerritoryScore]) -> Section:
    page = f"/territoires/{place.code}"
    if looked is None:
        said = ["Rien n’est encore calculé pour vos comptes."]
        return Section("Ce qui a bougé", said, links={"Votre page": page})
    subject, chosen = looked.subject, looked.chosen
    sentences = [places.standing(chosen, subject.name, subject.among)]
    if subject.unusual:
        sentences.append(f"Mois hors norme, dites-vous ({subject.unusual}).")
    elif chosen.score is not None:
        sentences.append(moves.trend(chosen))
    sentences += [_line(one) for one in scores if one.score is not None]
    links = {f"Votre page {french.of_month(chosen.period)}": f"{page}?compte={chosen.account}"}
    return Section("Ce qui a bougé", sentences, links=links)


def _line(one: TerritoryScore) -> str:
    """Write « Bluesky (essai.example) : 62,1 sur 100, entre 58 et 66 ; places 1 à 11 sur 87 »."""
    points, low, high = (french.number(value, 1) for value in (one.score, one.low, one.high))
    return (
        f"{network_of(one.network).name} ({one.handle}){NO_BREAK}: {points} sur{NO_BREAK}100, "
        f"entre {low} et {high}{NARROW}; {places.short(one)}."
    )


async def _posts(
    figures: Figures, accounts: Sequence[KnownAccount], at: datetime
) -> dict[str, list[AccountPost]]:
    """Return the posts of the week before a moment that are still there, by account."""
    since = days_before(at, WEEK, EIGHT, PARIS)
    first, last = paris_day(since), paris_day(at)
    read = await asyncio.gather(
        *(
            figures.read(
                ACCOUNT_POSTS, POSTS_READ, account=one.account, date_from=first, date_to=last
            )
            for one in accounts
        )
    )
    return {
        one.account: [
            post for post in posts if post.state == "present" and since <= post.published_at < at
        ]
        for one, posts in zip(accounts, read, strict=True)
    }


def _week(
    place: Territory,
    accounts: Sequence[KnownAccount],
    posts: Mapping[str, Sequence[AccountPost]],
) -> Section:
    title = "La publication de la semaine"
    by_account = {one.account: one for one in accounts}
    counted = [
        f"{len(found)} sur {network_of(by_account[account].network).name}"
        for account, found in posts.items()
        if found
    ]
    if not counted:
        return Section(title, ["Aucune publication relevée la semaine passée."])
    total = french.plural(sum(map(len, posts.values())), "publication")
    several = f"{NO_BREAK}: {french.series(counted)}" if len(counted) > 1 else ""
    sentences = [f"{total} la semaine passée{several}."]
    if (best := _best(by_account, posts)) is None:
        return Section(title, [*sentences, "Les réactions n’en sont pas connues."])
    account, post = best
    where = (
        f"{network_of(account.network).name}, {french.moment(post.published_at)} · "
        f"{french.plural(post.interactions or 0, 'interaction')} à ce jour, "
        f"{french.number(100 * (post.engagement or 0.0), 1)} pour 100{NO_BREAK}abonnés"
    )
    links = {"Toutes, une par une": f"/publications/{place.code}?compte={account.account}"}
    if address := web_address(post.address):
        links = {"Voir la publication": address, **links}
    text = post.text or "Texte non conservé."
    quote = text if len(text) <= TEXT_MOST else f"{text[:TEXT_MOST].rstrip()}…"
    return Section(title, sentences, quote, where, links)


def _best(
    accounts: Mapping[str, KnownAccount], posts: Mapping[str, Sequence[AccountPost]]
) -> tuple[KnownAccount, AccountPost] | None:
    """Return the post with most reactions a follower: no contest, nor where terms forbid."""
    known = [
        (accounts[account], post)
        for account, found in posts.items()
        if network_of(accounts[account].network).derived_metrics
        for post in found
        if post.engagement is not None and post.interactions and not post.contest
    ]
    return max(known, key=lambda one: one[1].engagement or 0.0, default=None)


def _act(place: Territory, looked: Looked | None) -> Section:
    title = "Une chose à faire"
    advice = looked.subject.advice if looked else None
    if advice is None or not advice.act:
        return Section(title, ["Rien d’urgent cette semaine."])
    return Section(title, [f"{french.sentence_case(advice.act)} ({advice.why})."])


def _lesson(lesson: Lesson | None) -> Section:
    if lesson is None:
        return Section("Une leçon", ["Aucune ne s’y prête."], links={"Apprendre": "/apprendre"})
    said = f"{lesson.title} ({lesson.minutes} min)."
    return Section("Une leçon", [said], links={"Lire la leçon": f"/apprendre/{lesson.slug}"})
