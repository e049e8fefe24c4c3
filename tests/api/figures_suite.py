"""What reading figures must do, whoever answers: the fake and the real engine inherit it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.api.figures.rows import AccountScore, MonthScore
from services.api.figures.synthesis import networks_held, synthesis
from services.api.figures.territory_months import territory_months
from services.api.figures.views import (
    ACCOUNT_DAYS,
    ACCOUNT_KPIS,
    ACCOUNT_OBSERVATIONS,
    ACCOUNT_POSTS,
    ACCOUNT_SCORE,
    ACCOUNT_SCORES,
    INDICATORS,
    MONTH_REVISIONS,
    MONTH_SCORES,
    NETWORK_USES,
    PEERS,
    PERIODS,
    RANKING,
    READING_AGES,
    TERRITORIES_WITH_ACCOUNTS,
    TERRITORY_ACCOUNTS,
    VIEWS,
)
from tests.api.world import METHODOLOGY, NOW, every_account

ACCOUNT = "00101-bluesky"
ALL = {"network": "", "category": "", "period": "2026-10", "departement": "", "region": ""}
LATER = (NOW + timedelta(days=3)).isoformat()
DAYS = {"account": ACCOUNT, "date_from": "2026-11-01", "date_to": "2026-11-20"}


class FiguresSuite:
    """Inherited by a test class that has a `figures` fixture."""

    @pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
    async def test_every_view_answers_and_the_unknown_is_empty(self, figures, view):
        given = dict.fromkeys(view.parameters, "nobody")
        given |= {name: "2026-11-01" for name in given if name.startswith("date_")}
        moments = given.keys() & {"since", "until", "at"}
        given |= dict.fromkeys(moments, "2099-01-01T00:00:00+00:00")
        rows = await figures.read(view, None, **given)
        assert rows == [] or not view.parameters or view is READING_AGES

    async def test_what_is_shown_has_an_age_and_what_was_never_read_is_late(self, figures):
        ages = {one.network: one for one in await figures.read(READING_AGES, at=NOW.isoformat())}
        shown = ages["bluesky"]
        assert shown.p50 is not None
        assert shown.p95 is not None
        assert 0 <= shown.p50 <= shown.p95
        later = {one.network: one for one in await figures.read(READING_AGES, at=LATER)}
        assert later["bluesky"].p50 == shown.p50 + 3 * 86_400
        assert later["bluesky"].late_ratio == 1.0
        assert sum(one.accounts for one in ages.values()) == len(every_account())

    async def test_a_forgotten_parameter_is_refused(self, figures):
        with pytest.raises(TypeError):
            await figures.read(ACCOUNT_SCORE, account=ACCOUNT)
        with pytest.raises(TypeError):
            await figures.read(PERIODS, account=ACCOUNT)

    async def test_months_are_newest_first(self, figures):
        months = await figures.read(PERIODS)
        assert [one.period for one in months] == ["2026-10", "2026-09", "2026-08"]
        assert months[0].state == "provisional"
        assert months[0].computed_at.utcoffset() == timedelta()

    async def test_a_ranking_is_by_rank_and_filters_narrow_it(self, figures):
        small = {**ALL, "network": "bluesky", "category": "petites-villes"}
        lines = await figures.read(RANKING, **small)
        assert [one.rank for one in lines] == sorted(one.rank or 0 for one in lines)
        assert lines[0].rank == 1
        near = await figures.read(RANKING, **{**small, "departement": "002"})
        assert {one.departement for one in near} == {"002"}
        assert 0 < len(near) < len(lines)
        everything = await figures.read(RANKING, **ALL)
        assert {one.network for one in everything} == {"bluesky", "mastodon"}
        assert len(everything) > len(lines)

    async def test_categories_together_are_by_score_the_unranked_after(self, figures):
        lines = await figures.read(RANKING, **{**ALL, "network": "bluesky"})
        assert len({one.category for one in lines}) > 1
        assert None in {one.rank for one in lines}
        assert [one.rank is None for one in lines] == sorted(one.rank is None for one in lines)
        for absent in (False, True):
            scores = [one.score or 0 for one in lines if (one.rank is None) is absent]
            assert scores == sorted(scores, reverse=True)

    async def test_a_month_has_every_account_scored_or_not(self, figures):
        lines = await figures.read(MONTH_SCORES, network="bluesky", period="2026-10")
        assert {one.network for one in lines} == {"bluesky"}
        reasons = {one.territory_name: one.reason for one in lines if one.score is None}
        assert reasons == {"Saint-Témoin": "few_posts", "Silence-en-Plaine": "posts_gap"}
        scored = next(one for one in lines if one.account == ACCOUNT)
        assert (scored.engagement_points, scored.following, scored.reason) == (50, 40, None)
        assert [one.category for one in lines] == sorted(one.category or "" for one in lines)
        everything = await figures.read(MONTH_SCORES, network="", period="2026-10")
        assert {one.network for one in everything} > {"bluesky", "youtube"}

    async def test_blocks_are_the_rows_in_their_order(self, figures):
        given = {"network": "", "period": "2026-10"}
        found = [row async for block in figures.blocks(MONTH_SCORES, **given) for row in block]
        assert found == await figures.read(MONTH_SCORES, **given)
        assert len(found) > 40

    async def test_a_month_computed_is_a_revision_with_its_hash(self, figures):
        revisions = await figures.read(MONTH_REVISIONS)
        assert [one.period for one in revisions] == ["2026-10", "2026-09", "2026-08"]
        assert {one.hash for one in revisions} == {"0" * 64}
        assert {one.reason for one in revisions} == {None}

    async def test_a_methodology_has_its_indicators_by_weight(self, figures):
        found = await figures.read(INDICATORS, methodology=METHODOLOGY)
        assert [one.weight for one in found] == [5, 4, 3, 2, 1]
        assert found[0].networks == ["bluesky", "mastodon"]

    async def test_fewer_than_ten_have_no_rank(self, figures):
        given = {**ALL, "network": "bluesky", "category": "metropoles"}
        lines = await figures.read(RANKING, **given)
        assert [(one.territory_name, one.rank) for one in lines] == [
            ("Clairmesure Métropole", None)
        ]

    async def test_a_limit_keeps_the_first(self, figures):
        given = {**ALL, "network": "bluesky", "category": "petites-villes"}
        assert [one.rank for one in await figures.read(RANKING, 3, **given)] == [1, 2, 3]

    async def test_a_quote_in_a_parameter_is_only_a_letter(self, figures):
        assert await figures.read(ACCOUNT_SCORES, account="x' OR '1'='1") == []

    async def test_a_score_has_its_interval_and_its_ranks(self, figures):
        rows = await figures.read(ACCOUNT_SCORE, account=ACCOUNT, period="2026-10")
        assert len(rows) == 1
        score = rows[0]
        assert score.low < score.score < score.high
        assert score.stratum_high_rank <= score.stratum_rank <= score.stratum_low_rank
        assert (score.territory, score.reason) == ("00101", None)

    async def test_an_unranked_account_says_why(self, figures):
        rows = await figures.read(ACCOUNT_SCORE, account="00103-bluesky", period="2026-10")
        assert [(one.score, one.reason) for one in rows] == [(None, "few_posts")]

    async def test_a_score_taken_apart_is_whole(self, figures):
        kpis = await figures.read(ACCOUNT_KPIS, account=ACCOUNT, period="2026-10")
        assert [one.kpi for one in kpis] == [
            "engagement", "reach", "frequency", "followers", "follow_ratio",
        ]  # fmt: skip
        total = sum((one.contribution or 0) + (one.lost or 0) for one in kpis)
        assert total == pytest.approx(100, abs=0.1)
        assert kpis[0].value == pytest.approx(0.041)

    async def test_a_history_is_oldest_first(self, figures):
        history = await figures.read(ACCOUNT_SCORES, account=ACCOUNT)
        assert [one.period for one in history] == ["2026-08", "2026-09", "2026-10"]

    async def test_peers_surround_the_account(self, figures):
        peers = await figures.read(PEERS, account=ACCOUNT, period="2026-10")
        assert "Essai-sur-Onde" in {one.territory_name for one in peers}
        ranks = [one.stratum_rank or 0 for one in peers]
        assert ranks == sorted(ranks)
        assert max(ranks) - min(ranks) <= 10

    async def test_a_territory_has_its_accounts_even_unobserved(self, figures):
        accounts = await figures.read(TERRITORY_ACCOUNTS, territory="00101")
        by_network = {one.network: one for one in accounts}
        assert set(by_network) == {"bluesky", "mastodon", "facebook", "youtube"}
        assert by_network["bluesky"].followers is not None
        assert by_network["facebook"].followers is None
        assert by_network["facebook"].observed_at is None
        scores = (await territory_months(figures, "00101")).of("2026-10")
        reasons = {one.network: one.reason for one in scores}
        assert reasons["youtube"] == "unscored_network"
        assert reasons["bluesky"] is None

    async def test_a_territory_has_a_score_over_its_networks(self, figures):
        months = await territory_months(figures, "00101")
        accounts = await figures.read(TERRITORY_ACCOUNTS, territory="00101")
        held = networks_held(months.of("2026-10"), accounts, await figures.read(NETWORK_USES))
        networks = {one.network: one for one in held}
        assert set(networks) == {"bluesky", "mastodon", "facebook", "youtube"}
        assert {slug: one.weight for slug, one in networks.items()} == {
            "bluesky": 500, "facebook": 300, "mastodon": 0, "youtube": 0,
        }  # fmt: skip
        assert (networks["mastodon"].source, networks["mastodon"].year) == (None, None)
        found = synthesis(held)
        assert (found.held, found.weighed, found.scored, found.share) == (4, 2, 1, 62)
        assert found.score == networks["bluesky"].score

    async def test_the_months_of_a_territory_are_those_of_its_accounts(self, figures):
        months = await territory_months(figures, "00101")
        history = await figures.read(ACCOUNT_SCORES, account=ACCOUNT)
        told = [
            MonthScore.model_validate(dict(one)) for one in await months.history(figures, ACCOUNT)
        ]
        assert told == history
        moved = replace(months, lines=months.lines[-1:])
        assert await moved.history(figures, ACCOUNT) == history, "its home was elsewhere before"
        (of_month,) = [one for one in months.of("2026-10") if one.account == ACCOUNT]
        (score,) = await figures.read(ACCOUNT_SCORE, account=ACCOUNT, period="2026-10")
        assert AccountScore.model_validate(dict(of_month)) == score
        assert (of_month.previous_score, score.previous_score) == (history[1].score,) * 2

    async def test_territories_count_their_accounts(self, figures):
        rows = await figures.read(TERRITORIES_WITH_ACCOUNTS)
        listed = {one.code: one for one in rows}
        assert listed["00101"].accounts == 4
        assert listed["00101"].stratum == "7500-9999"

    async def test_days_are_in_order_and_bounded(self, figures):
        days = await figures.read(ACCOUNT_DAYS, **DAYS)
        shown = [one.day.isoformat() for one in days]
        assert shown == sorted(shown)
        assert shown[0] >= "2026-11-01"
        assert shown[-1] <= "2026-11-20"
        assert all(one.followers for one in days)

    async def test_observations_are_newest_first_and_say_why_null(self, figures):
        found = await figures.read(ACCOUNT_OBSERVATIONS, **DAYS)
        assert found[0].observed_at > found[-1].observed_at
        assert (found[0].following, found[0].absent["following"]) == (None, "hidden")
        assert found[0].origin == "simulation"

    async def test_posts_are_newest_first_with_their_text(self, figures):
        posts = await figures.read(ACCOUNT_POSTS, **DAYS)
        assert posts[0].published_at > posts[-1].published_at
        assert posts[0].text is not None
        assert posts[0].engagement == pytest.approx(posts[0].interactions / 900, rel=0.05)
        assert posts[0].absent["views"] == "not_published"
