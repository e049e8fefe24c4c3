import re
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import get_args

import pytest

from contracts.kpis import FREQUENCY, KPIS
from contracts.networks import NETWORKS
from contracts.scores import REASONS, UnrankedReason
from services.api.figures.rows import AccountScore, KpiShare, RankedAccount
from services.api.words import sentences
from services.api.words.elections import electoral_period
from services.scorer.kpis import RULES

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def score(**changes: object) -> AccountScore:
    fields: dict[str, object] = {
        "account": "a", "network": "mastodon", "territory": "00101", "period": "2026-10",
        "state": "final", "methodology": "2026-2", "revision": 0, "score": Decimal("61.40"),
        "low": Decimal("57.00"), "high": Decimal("66.00"), "rank": 40, "ranked": 900,
        "low_rank": 60, "high_rank": 31, "category": "petites-villes",
        "stratum": "7500-9999", "stratum_label": None, "stratum_rank": 41, "stratum_ranked": 212,
        "stratum_low_rank": 52, "stratum_high_rank": 33, "reason": None,
        "previous_score": Decimal("60.20"), "previous_low": Decimal("56.00"),
        "previous_high": Decimal("63.00"), "previous_methodology": "2026-2",
        "previous_rank": 42, "previous_stratum_rank": 43,
        "posts": 27, "gaps": 0, "followers": 800, "scope": "category",
        "computed_at": datetime(2026, 11, 9, tzinfo=UTC),
        "origin": "simulation",
    }  # fmt: skip
    return AccountScore.model_validate(fields | changes)


def kpi(slug: str, points: float, lost: float, median: float | None = 0.03) -> KpiShare:
    return KpiShare(
        kpi=slug, label=slug, unit="ratio", value=0.041, points=points, weight=1,
        contribution=1.0, lost=lost, cell_median=median, explanation="",
    )  # fmt: skip


@pytest.mark.parametrize("reason", get_args(UnrankedReason))
def test_every_reason_has_its_family(reason):
    family, meaning = sentences.reason(score(score=None, reason=reason))
    assert family
    assert meaning.endswith(".")


def test_reasons_are_those_of_the_contract():
    assert set(REASONS) == set(get_args(UnrankedReason))


@pytest.mark.parametrize(
    "network", [one for one in NETWORKS if not one.scored], ids=attrgetter("slug")
)
def test_why_a_network_is_not_scored_is_true_of_it(network):
    family, meaning = sentences.reason(
        score(score=None, reason="unscored_network", network=network.slug)
    )
    assert family
    assert ("interdisent" in meaning) is (not network.derived_metrics)
    assert ("pas de compteurs" in meaning) is (not network.post_counters)


def test_the_ratio_is_never_what_helps():
    kpis = [kpi("follow_ratio", 99, 0), kpi("reach", 60, 2)]
    best = sentences.strongest(kpis, score(), electoral=False)
    assert best.kpi == "reach"


@pytest.mark.parametrize(
    ("one", "electoral"),
    [
        (kpi("reach", 90, 2, median=0.041), False),
        (kpi("reach", 90, 2, median=None), False),
        (kpi("frequency", 90, 2), True),
        (kpi("engagement", 45, 2), False),
        (kpi("engagement", 60, 2, median=0.0409), False),
        (kpi("follow_ratio", 90, 2), False),
    ],
)
def test_nothing_helps_that_is_not_above_the_median(one, electoral):
    assert sentences.strongest([one], score(), electoral=electoral) is None
    said = sentences.helps([one], score(), electoral=electoral)
    higher = one.cell_median is not None and (one.value or 0) > one.cell_median
    assert ("aucun indicateur ne dépasse la médiane" in said) is not higher


def test_frequency_helps_out_of_an_electoral_period_only():
    kpis = [kpi("frequency", 90, 1), kpi("engagement", 60, 3)]
    assert "régulières" in sentences.helps(kpis, score(), electoral=False)
    assert "réagir (4,1 % ; médiane des petites villes : 3,0 %)" in plain(
        sentences.helps(kpis, score(), electoral=True)
    )


PEOPLE = re.compile(
    r"(?i)abonnés (?:\w+ )?(?:qui |ont |a )?réagi|(?:part|proportion) (?:de|des) (?:\w+ )?abonnés"
    r"|% (?:des|de vos|de ses|d’)\W?abonnés|(?:personnes|habitants) (?:qui )?(?:ont )?réag"
)
TOLD = [
    *(one for folder in ("services/api", "services/scorer/kpis", "contracts/panels")
      for one in (ROOT / folder).rglob("*") if one.suffix in (".py", ".html", ".md")),
    ROOT / "contracts/kpis.py",
    ROOT / "docs/methodology.md",
]  # fmt: skip


def test_interactions_are_never_taken_for_people_who_follow():
    """One person may react twice, and who does not follow reacts too: no page says otherwise."""
    assert PEOPLE.search("La part de vos abonnés qui réagissent")
    assert PEOPLE.search("12,9 % des abonnés")
    found = {
        one.relative_to(ROOT).as_posix(): said[0]
        for one in TOLD
        if (said := PEOPLE.search(plain(one.read_text(encoding="utf-8"))))
    }
    assert found == {}
    (engagement,) = [one for one in KPIS if one.slug == "engagement"]
    assert "interactions" in engagement.says
    assert "publication" in RULES["engagement"].explanation


@pytest.mark.parametrize(
    ("value", "posts", "said"),
    [
        (1.0, 103, "3,3 par jour (compté 1,00 : plafond de la méthodologie 6.3)"),
        (1.0, 31, "1,00 par jour"),
        (0.516, 16, "0,52 par jour"),
        (1.0, None, "1,00 par jour"),
        (None, 16, "—"),
    ],
)
def test_a_rhythm_above_the_most_counted_is_said(value, posts, said):
    rhythm = kpi("frequency", 90, 1).model_copy(update={"value": value, "unit": "per_day"})
    assert plain(sentences.worth(rhythm, score(posts=posts))) == said


def test_a_median_at_the_most_counted_may_be_above():
    capped = kpi("frequency", 90, 1, median=1.0).model_copy(update={"unit": "per_day"})
    assert sentences.middle(capped) == "1,00 par jour ou plus"
    assert plain(sentences.middle(kpi("reach", 90, 1, median=1.2))) == "120,0 %"
    lines = [RankedAccount.model_construct(frequency=one) for one in (0.5, 1.0, None)]
    told = [sentences.figure(line, FREQUENCY) for line in lines]
    assert told == ["0,50", "1,00 ou plus", "—"]


def test_a_rhythm_below_two_is_singular():
    assert plain(sentences.weekly(1.6)) == "1,6 publication par semaine"
    assert plain(sentences.weekly(2.0)) == "2,0 publications par semaine"


def test_the_electoral_period_of_april_2027_is_open():
    assert electoral_period(date(2026, 9, 30)) is None
    opened = electoral_period(date(2026, 10, 1))
    assert "présidentielle" in opened.name
