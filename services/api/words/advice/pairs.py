"""Pairs of a lever and a reason: when each holds for an account, and what is said of why.

Of a group they stand from the most particular to the most general: what tells an account from the
others goes before what it shares with many. A reason is a figure of the account or what it is,
never a guess at its habits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.networks import network_of
from contracts.territories import Category, Family
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.words import sentences
from services.api.words.advice.situation import Group, Situation

Why = Callable[[Situation], str]
"""Says why a lever suits an account, without capital nor full stop; empty where it does not."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A lever of a group for a reason; `reason` is its name, `networks` those it is for."""

    lever: str
    reason: str
    group: Group
    why: Why
    networks: Sequence[str] = ()


WIDE_POINTS = 20
"""Points of margin from which a score hangs on few posts."""
POSTS_FEW = 8
"""Posts of a month: so few that each weighs heavily in the mean."""

LARGE_FOLLOWERS = 15_000
"""Followers from which a conversation is work of its own."""
FOLLOWERS_TIMES = 3
"""How many times as many followers another account has that is worth naming."""

FESTIVE_MONTHS = (5, 6, 9, 11, 12)
HOLIDAY_MONTHS = (7, 8, 12)
"""Months of the year."""

HALF, NEAR = 0.5, 0.8
"""Shares of the median of the account's cell."""


def _low(of: Situation, slug: str = "engagement") -> str:
    """Write a value that is below the median beside it, with it; empty when it is not."""
    one = of.kpi(slug)
    if one is None or not (of.ratio(slug) or 2) < 1:
        return ""
    worth = sentences.worth(one, of.score)
    if worth == sentences.middle(one):
        return ""
    return f"{one.label.lower()}{NO_BREAK}: {worth}{NARROW}; {sentences.median(one, of.score)}"


def _too_many(of: Situation) -> str:
    if of.daily <= 1 or not (low := _low(of)):
        return ""
    posts = french.plural(of.posts, "publication")
    return (
        f"{posts} dans le mois{NO_BREAK}: au-delà d’une par jour, aucune n’ajoute de point ({low})"
    )


def _hanging(of: Situation) -> str:
    if of.width < WIDE_POINTS:
        return ""
    low, high = french.number(of.score.low, 1), french.number(of.score.high, 1)
    return f"d’une publication à l’autre les réactions varient{NO_BREAK}: entre {low} et {high}"


def _few(of: Situation) -> str:
    if of.posts > POSTS_FEW:
        return ""
    return f"sur {french.plural(of.posts, 'publication')}, chacune pèse lourd dans la moyenne"


def _from_elsewhere(of: Situation) -> str:
    reach = of.kpi("reach")
    if of.family is not Family.COMMUNES or reach is None or (reach.value or 0) <= 1:
        return ""
    return f"plus d’abonnés que d’habitants ({french.percent(reach.value, 0)})"


def _festive(of: Situation) -> str:
    small = of.category in (Category.VILLAGES, Category.PETITES_VILLES)
    if not small or of.day.month not in FESTIVE_MONTHS or not (low := _low(of)):
        return ""
    return f"{french.in_month(f'{of.day:%Y-%m}')}, la saison des rendez-vous ({low})"


def _members(of: Situation, slug: str) -> str:
    if of.family is not Family.EPCI or not of.members or not (low := _low(of, slug)):
        return ""
    return f"{french.plural(of.members, 'commune')} membres ({low})"


def _of_members(of: Situation) -> str:
    return _members(of, "engagement")


def _members_follow(of: Situation) -> str:
    return _members(of, "reach") or _members(of, "followers")


def _wide_territory(of: Situation) -> str:
    if of.family is not Family.DEPARTEMENTS_REGIONS or not (low := _low(of)):
        return ""
    return low


def _half(of: Situation) -> str:
    return _low(of) if (of.ratio("engagement") or 1) < HALF else ""


def _large(of: Situation) -> str:
    low = _low(of)
    return (
        f"{french.plural(of.followers, 'abonné')} ({low})"
        if of.followers >= LARGE_FOLLOWERS and low
        else ""
    )


def _village(of: Situation) -> str:
    return _low(of) if of.category is Category.VILLAGES else ""


def _well_below(of: Situation) -> str:
    return _low(of) if (of.ratio("engagement") or 1) < NEAR else ""


def _little_below(of: Situation) -> str:
    return _low(of)


def _not_below(of: Situation) -> str:
    one = of.kpi("engagement")
    if one is None or _low(of):
        return ""
    left = french.number(one.lost, 1)
    return f"{_at_least(of)}, les réactions laissent encore {left}{NO_BREAK}points"


def _at_least(of: Situation) -> str:
    return f"à la médiane des {of.category.label} ou au-dessus"


def _other_followed(of: Situation) -> str:
    most = max(of.others, key=lambda one: one.followers or 0, default=None)
    if most is None or (most.followers or 0) < FOLLOWERS_TIMES * max(1, of.followers):
        return ""
    name = network_of(most.network).name
    theirs, own = french.number(most.followers), french.number(of.followers)
    return f"{theirs}{NO_BREAK}abonnés sur {name}, {own} ici"


def _low_audience(of: Situation) -> str:
    return _low(of, "reach") or _low(of, "followers")


def _services(of: Situation) -> str:
    if of.family is not Family.DEPARTEMENTS_REGIONS:
        return ""
    return _low_audience(of)


def _liked(of: Situation) -> str:
    one = of.kpi("engagement")
    if one is None or (one.points or 0) < sentences.GOOD:
        return ""
    return f"ce qui paraît fait réagir ({sentences.worth(one, of.score)}), peu de monde le voit"


def _village_follows(of: Situation) -> str:
    if of.category is not Category.VILLAGES:
        return ""
    return _low_audience(of)


def _city(of: Situation) -> str:
    if of.category not in (Category.VILLES_MOYENNES, Category.GRANDES_VILLES):
        return ""
    return _low_audience(of)


def _half_followed(of: Situation) -> str:
    return _low(of, "reach") if (of.ratio("reach") or 1) < HALF else ""


def _followed_less(of: Situation) -> str:
    return _low_audience(of)


def _followed_enough(of: Situation) -> str:
    lost = french.number(of.lost("audience"), 1)
    return f"{_at_least(of)}, l’audience laisse encore {lost}{NO_BREAK}points"


def _at_the_edge(of: Situation) -> str:
    if of.posts > 5:
        return ""
    return f"{french.plural(of.posts, 'publication')}{NO_BREAK}: sous quatre, aucun score"


def _fallen(of: Situation) -> str:
    now, usual = of.rhythm, of.usual
    if now is None or usual is None or now.weekly > 0.7 * usual.weekly:
        return ""
    return f"{sentences.weekly(now.weekly)}, {french.number(usual.weekly, 1)} d’habitude"


def _leave(of: Situation) -> str:
    if of.day.month not in HOLIDAY_MONTHS:
        return ""
    return f"{french.in_month(f'{of.day:%Y-%m}')}, les congés ({sentences.weekly(7 * of.daily)})"


def _uneven(of: Situation) -> str:
    known = [one.posts for one in of.history if one.posts is not None]
    if len(known) < 4 or min(known) > 0.5 * max(known):
        return ""
    return f"de {min(known)} à {max(known)} publications selon les mois"


def _alone(of: Situation) -> str:
    return _low(of, "frequency") if of.category is Category.VILLAGES else ""


def _seldom(of: Situation) -> str:
    return _rhythm(of) if of.daily * 7 < 3 else ""


def _sometimes(of: Situation) -> str:
    return _rhythm(of) if of.daily * 7 < 5 else ""


def _often(of: Situation) -> str:
    return _rhythm(of)


def _rhythm(of: Situation) -> str:
    return f"{sentences.weekly(7 * of.daily)}, et une par jour est le plus qui compte"


META = ("instagram", "facebook")

PAIRS: Sequence[Pair] = (
    Pair("choisir", "au-dela-d-une-par-jour", "reactions", _too_many),
    Pair("visages", "peu-de-publications", "reactions", _few),
    Pair("quartier", "plus-d-abonnes-que-d-habitants", "reactions", _from_elsewhere),
    Pair("communes", "communes-membres", "reactions", _of_members),
    Pair("service", "grand-territoire", "reactions", _wide_territory),
    Pair("visages", "village", "reactions", _village),
    Pair("repondre", "grande-audience", "reactions", _large),
    Pair("refaire", "reactions-inegales", "reactions", _hanging),
    Pair("question", "moitie-de-la-mediane", "reactions", _half),
    Pair("evenement", "saison", "reactions", _festive),
    Pair("citer", "sous-la-mediane", "reactions", _little_below, ("bluesky",)),
    Pair("relayer", "sous-la-mediane", "reactions", _little_below, ("mastodon",)),
    Pair("legende", "bien-sous-la-mediane", "reactions", _well_below, ("instagram",)),
    Pair("epingler", "bien-sous-la-mediane", "reactions", _well_below, ("facebook",)),
    Pair("photo", "sous-la-mediane", "reactions", _little_below, ("instagram",)),
    Pair("video", "sous-la-mediane", "reactions", _little_below, ("facebook",)),
    Pair("ligne", "a-la-mediane", "reactions", _not_below),
    Pair("renvoi", "autre-compte-plus-suivi", "audience", _other_followed),
    Pair("mairies", "communes-membres", "audience", _members_follow),
    Pair("agents", "grand-territoire", "audience", _services),
    Pair("bulletin", "village", "audience", _village_follows),
    Pair("rendez-vous", "fait-reagir", "audience", _liked),
    Pair("domaine", "sous-la-mediane", "audience", _followed_less, ("bluesky",)),
    Pair("lien", "sous-la-mediane", "audience", _followed_less, ("mastodon",)),
    Pair("guichets", "ville", "audience", _city),
    Pair("affiche", "moitie-de-la-mediane", "audience", _half_followed),
    Pair("titre", "sous-la-mediane", "audience", _followed_less, ("instagram",)),
    Pair("partenaires", "sous-la-mediane", "audience", _followed_less, ("facebook",)),
    Pair("rendez-vous", "a-la-mediane", "audience", _followed_enough),
    Pair("idees", "bord-du-classement", "rhythm", _at_the_edge),
    Pair("avance", "rythme-en-baisse", "rhythm", _fallen),
    Pair("conges", "saison", "rhythm", _leave),
    Pair("creneaux", "village", "rhythm", _alone),
    Pair("secours", "mois-inegaux", "rhythm", _uneven),
    Pair("idees", "moins-de-trois-par-semaine", "rhythm", _seldom),
    Pair("rubrique", "moins-de-cinq-par-semaine", "rhythm", _sometimes),
    Pair("avance", "moins-d-une-par-jour", "rhythm", _often),
)

OTHERWISE: Sequence[Pair] = (
    Pair("question", "sous-la-mediane", "reactions", _little_below),
    Pair("affiche", "sous-la-mediane", "audience", _followed_less),
)
"""Where no pair fits: on a network of which none is."""
