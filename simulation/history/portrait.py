"""The distributions of a world beside the published ones: a table and pictures for the docs.

Published figures are those of the observatory and of surveys of the same field; the sources are
those of `parameters.yaml`. What is drawn is invented, and says so inside each picture.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any, NamedTuple

import altair as alt
import vl_convert

from contracts.networks import NETWORKS
from simulation.country.accounts import Account
from simulation.country.days import DAY, day_of, midnight, moment_of
from simulation.country.world import World
from simulation.networks.instagram import Instagram

MONTH = ("2026-10-01", "2026-11-01")
COUNTED = 7 * DAY
"""The age (seconds) at which posts are counted."""

LEAST_POSTS = 4
"""In the month, below which an account has no engagement."""

MARK = "SIMULATION — la France d’essai, aucun chiffre réel"
PUBLISHED_ALONE = 52
PUBLISHED_FOLLOWERS = 2679
PUBLISHED_ENGAGEMENT = (2, 5)
"""As published: % of territories on one network, mean followers on Instagram, usual engagement (%)
there."""

ALONE = "un seul réseau"
STUDIED = Instagram.accounts.slug
"""The network of which figures were published."""

NAMES = {network.slug: network.name for network in NETWORKS if network.interactions}
LIKED = tuple(one.slug for one in NETWORKS if one.interactions and one.derived_metrics)


class Line(NamedTuple):
    """A figure of the world beside the published one, with the source of the second."""

    figure: str
    published: str
    world: str
    source: str


class Month(NamedTuple):
    """What an account did in the month: posts a day, mean engagement (%; None under 4 posts)."""

    account: Account
    stratum: str
    followers: int
    posts_a_day: float
    engagement: float | None


def months(world: World) -> list[Month]:
    """Every account that can be observed and is scored, in the month of reference."""
    since, until = (moment_of(text) for text in MONTH)
    days = day_of(until) - day_of(since)
    strata = {place.territory.code: place.stratum for place in world.places}
    found: list[Month] = []
    for account in world.walk():
        if account.network not in NAMES or account.role != "main":
            continue
        posts = world.press.between(account, since, until)
        rates = [
            100 * sum(world.counters(post, post.created + COUNTED)[:4])
            / max(1, world.followers(account, post.created))
            for post in posts
        ]  # fmt: skip
        engagement = fmean(rates) if len(rates) >= LEAST_POSTS else None
        followers = world.followers(account, since)
        stratum = strata[account.home]
        found.append(Month(account, stratum, followers, len(posts) / days, engagement))
    return found


def table(world: World, known: Sequence[Month]) -> list[Line]:
    """The published figures and ours."""
    rows = (*_presence(world, known), *_studied(known))
    return [Line(name, told, _written(ours, unit), why) for name, told, ours, unit, why in rows] + [
        Line("3ᵉ des départements, Instagram", "5,10 % (Gers, fin 2021)", _third(known), "[36]")
    ]


Row = tuple[str, str, float, str, str]
"""A figure, as it was published, ours with its unit, and the source."""


def _presence(world: World, known: Sequence[Month]) -> list[Row]:
    """Who is on networks, and on which."""
    networks: defaultdict[str, set[str]] = defaultdict(set)
    for month in known:
        for owner in month.account.owners:
            networks[owner].add(month.account.network)
    present = list(networks.values())
    shares = {name: _percent(name in held for held in present) for name in NAMES}
    intercommunal = _percent(code in networks for code in _groups(world))
    alone = _percent(len(held) == 1 for held in present)
    here = len(networks) / len(world.places) * 100
    found = "13,7 % (recherche, 2022) ; 68 % (Bretagne, enquête, 2021)"
    return [
        ("collectivités sur au moins un réseau", found, here, "%", "[20][7][40]"),
        ("intercommunalités présentes", "95 % (2023)", intercommunal, "%", "[41]"),
        ("sur un seul réseau", f"{PUBLISHED_ALONE} % (2022)", alone, "%", "[7]"),
        *(
            (f"{NAMES[slug]}, parmi les présentes", f"{share} % (2022)", shares[slug], "%", source)
            for slug, (share, source) in published(world).items()
        ),
    ]


def _studied(known: Sequence[Month]) -> list[Row]:
    """What accounts of the network studied have and do."""
    studied = [month for month in known if month.account.network == STUDIED]
    mean = fmean(month.followers for month in studied)
    rhythm = median(month.posts_a_day for month in studied)
    rates = engagements(studied)[STUDIED]
    usual, told = median(rates), "2 à 5 %, « très bon » vers 5 %"
    share = 100 * sum(2 <= rate <= 5 for rate in rates) / len(rates)
    return [
        ("abonnés Instagram, moyenne", "2 679 (novembre 2020)", mean, "", "[11]"),
        ("taux d’engagement Instagram, médiane", told, usual, "%", "[9]"),
        ("comptes Instagram entre 2 et 5 %", "–", share, "%", "[9]"),
        ("publications par jour, médiane", "de 2 par mois à 1 par jour", rhythm, "", "[9][11]"),
    ]


def _third(known: Sequence[Month]) -> str:
    """The engagement of the third département on the network studied."""
    heads = sorted(
        (month.engagement or 0.0)
        for month in known
        if month.stratum == "departement" and month.account.network == STUDIED
    )
    return _written(heads[-3], "%") if len(heads) > 2 else "–"


def published(world: World) -> dict[str, tuple[int, str]]:
    """Share (%) of the territories present that were on a network in 2022, and the source."""
    known = {slug: world.networks[slug].law.published for slug in NAMES if slug in world.networks}
    return {slug: told for slug, told in known.items() if told is not None}


def engagements(known: Iterable[Month]) -> dict[str, list[float]]:
    """Mean engagement (%) of the accounts of each network that posted enough."""
    rates: defaultdict[str, list[float]] = defaultdict(list)
    for month in known:
        if month.engagement is not None:
            rates[month.account.network].append(month.engagement)
    return rates


def pictures(world: World, known: Sequence[Month]) -> dict[str, alt.TopLevelMixin]:
    """The pictures by file name."""
    return {
        "engagement": _engagement(engagements(known)),
        "followers": _followers(known),
        "rhythm": _rhythm(world),
        "networks": _networks(world, known),
    }


def draw(world: World, folder: Path) -> list[Line]:
    """Write the table (Markdown) and the pictures (SVG) into a folder; returns the table."""
    folder.mkdir(parents=True, exist_ok=True)
    known = months(world)
    lines = table(world, known)
    for name, chart in pictures(world, known).items():
        svg = vl_convert.vegalite_to_svg(chart.to_dict())
        (folder / f"simulation_{name}.svg").write_text(svg, encoding="utf-8")
    rows = ["| figure | publié | la France d’essai | source |", "|---|---|---|---|"]
    rows += [f"| {' | '.join(line)} |" for line in lines]
    head = f"<!-- observatoire world portrait --territories {world.size or 0} -->\n\n"
    (folder / "distributions.md").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return lines


def _percent(yes: Iterable[bool]) -> float:
    known = list(yes)
    return 100 * sum(known) / max(1, len(known))


def _written(value: float, unit: str) -> str:
    """A figure as French writes it."""
    text = f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:,.2f}"
    text = text.replace(",", "\u202f").replace(".", ",")
    return f"{text}\u00a0{unit}" if unit else text


def _groups(world: World) -> list[str]:
    kinds = ("cc", "ca", "cu", "metropole")
    return [place.territory.code for place in world.places if place.stratum in kinds]


def _chart(rows: list[dict[str, Any]], title: str, **size: int) -> alt.Chart:
    about = alt.TitleParams(title, subtitle=MARK, anchor="start", subtitleColor="#a33")
    return alt.Chart(alt.Data(values=rows), title=about).properties(**{"width": 560, **size})


def _engagement(rates: Mapping[str, Sequence[float]]) -> alt.LayerChart | alt.FacetChart:
    rows: list[dict[str, Any]] = []
    for network in LIKED:
        if len(rates[network]) < 20:
            continue
        cuts = quantiles(rates[network], n=20)
        names = ("low", "quarter", "half", "three", "high")
        places = (0, 4, 9, 14, 18)
        row: dict[str, Any] = {
            name: round(cuts[place], 2) for name, place in zip(names, places, strict=True)
        }
        rows.append(row | {"network": NAMES[network]})
    title = "Taux d’engagement moyen par compte, octobre 2026 (bande : publié, 2 à 5 %)"
    base = _chart(rows, title, height=170).encode(y=alt.Y("network:N", title=None))
    comma = alt.Axis(labelExpr="replace(datum.label, '.', ',')")
    axis = alt.X("low:Q", title="interactions par publication ÷ abonnés (%)", axis=comma)
    rule = base.mark_rule(strokeWidth=2, color="#888").encode(x=axis, x2="high:Q")
    box = base.mark_bar(size=16, color="#3b6ea5").encode(x="quarter:Q", x2="three:Q")
    tick = base.mark_tick(size=16, thickness=3, color="white").encode(x="half:Q")
    least, most = PUBLISHED_ENGAGEMENT
    band = alt.Chart(alt.Data(values=[{"least": least, "most": most}]))
    usual = band.mark_rect(color="#a33", opacity=0.15).encode(x=alt.X("least:Q"), x2="most:Q")
    return alt.layer(usual, rule, box, tick)


def _followers(known: Sequence[Month]) -> alt.LayerChart | alt.FacetChart:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for month in known:
        if month.account.network == STUDIED:
            groups[month.stratum].append(month.followers)
    order = ["hamlet", "village", "small", "town", "city", "large_city",
             "cc", "ca", "cu", "metropole", "departement", "region"]  # fmt: skip
    french = dict(zip(order, (
        "moins de 500 hab.", "500 à 1 999", "2 000 à 4 999", "5 000 à 19 999", "20 000 à 99 999",
        "100 000 et plus", "communautés de communes", "d’agglomération", "urbaines et EPT",
        "métropoles", "départements", "régions",
    ), strict=True))  # fmt: skip
    rows = [
        {"stratum": french[name], "median": median(groups[name])} for name in order if groups[name]
    ]
    mean = round(fmean(count for counts in groups.values() for count in counts))
    title = "Abonnés Instagram, médiane par strate (traits : moyennes, publiée et d’ici)"
    x = alt.X(
        "median:Q",
        scale=alt.Scale(type="log"),
        title="abonnés (échelle logarithmique)",
        axis=alt.Axis(labelExpr="replace(datum.label, ',', '\u202f')"),
    )
    y = alt.Y("stratum:N", sort=[french[name] for name in order], title=None)
    dots = _chart(rows, title).mark_circle(size=120).encode(x=x, y=y)
    told = alt.Chart(alt.Data(values=[{"mean": PUBLISHED_FOLLOWERS}])).mark_rule(
        color="#a33", strokeWidth=3, opacity=0.6
    )
    ours = alt.Chart(alt.Data(values=[{"mean": mean}])).mark_rule(strokeDash=[6, 4])
    return alt.layer(told.encode(x="mean:Q"), ours.encode(x="mean:Q"), dots)


def _rhythm(world: World) -> alt.Chart:
    rows: list[dict[str, Any]] = []
    first, last = day_of(moment_of("2025-10-01")), day_of(moment_of("2026-11-01"))
    known = [a for a in world.walk() if a.network == STUDIED][:1500]
    for day in range(first, last, 7):
        span = range(day, min(day + 7, last))
        count = sum(world.press.count(account, one) for account in known for one in span)
        moment = midnight(day) * 1000
        rows.append({"week": moment, "posts": round(count / len(known) / len(span), 3)})
    title = "Publications par compte Instagram et par jour, semaine après semaine"
    return _chart(rows, title, height=200).mark_line(color="#3b6ea5").encode(
        x=alt.X("week:T", title=None, axis=alt.Axis(format="%m/%Y")),
        y=alt.Y(
            "posts:Q",
            title="publications par jour",
            axis=alt.Axis(labelExpr="replace(datum.label, '.', ',')"),
        ),
    )  # fmt: skip


def _networks(world: World, known: Sequence[Month]) -> alt.LayerChart | alt.FacetChart:
    held: defaultdict[str, set[str]] = defaultdict(set)
    for month in known:
        for owner in month.account.owners:
            held[owner].add(month.account.network)
    rows = [
        {"network": label, "share": round(_percent(name in one for one in held.values()), 1)}
        for name, label in NAMES.items()
    ]
    alone = round(_percent(len(one) == 1 for one in held.values()), 1)
    rows.append({"network": ALONE, "share": alone})
    told = [
        {"network": NAMES[name], "share": share} for name, (share, _) in published(world).items()
    ]
    told.append({"network": ALONE, "share": PUBLISHED_ALONE})
    title = "Réseaux tenus, parmi les collectivités présentes (trait : publié, 2022)"
    x = alt.X("share:Q", title="%", scale=alt.Scale(domain=[0, 100]))
    y = alt.Y("network:N", sort=[*NAMES.values(), ALONE], title=None)
    bars = _chart(rows, title, height=200).mark_bar(color="#9db8d3").encode(x=x, y=y)
    marks = alt.Chart(alt.Data(values=told)).mark_tick(color="#a33", thickness=3, size=26)
    return alt.layer(bars, marks.encode(x=x, y=y))
