"""Feeds that three generators of sites wrote of the same three articles, byte for byte.

Hugo 0.168.0, Pelican 4.12.0 (both of its forms), Eleventy 3.1.8 with its plug-in for feeds 3.0.0:
whatever the generator, a reader finds the same articles, at the same moments, with the same words.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.jobs import JobSubject
from contracts.mentions import MentionObserved
from contracts.posts import PostObserved, TextObserved
from services.collector.networks import reader_of
from tests.suites.network import answer_of, job_of

FEEDS = sorted((Path(__file__).parent / "feeds").glob("*.xml"))
SITE = JobSubject(subject="site", handle="https://ville.example/feed")
MOMENTS = [
    datetime(2026, 11, 2, 6, 30, tzinfo=UTC),
    datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 17, 5, tzinfo=UTC),
]
NAMES = ["patinoire", "coupure", "conseil"]


def read(feed: Path, operation: str):
    since = datetime(2026, 10, 1, tzinfo=UTC)
    job = job_of("rss", operation, SITE, since=since)  # type: ignore[arg-type]
    kind = "application/atom+xml" if ".atom." in feed.name else "application/rss+xml"
    answer = answer_of(feed.read_bytes(), content_type=kind)
    return reader_of("rss").read(job, answer)


def test_three_generators_are_there():
    assert {one.name.partition(".")[0] for one in FEEDS} == {"eleventy", "hugo", "pelican"}


@pytest.mark.parametrize("feed", FEEDS, ids=lambda one: one.name)
def test_a_site_s_articles_are_its_posts(feed):
    parsed = read(feed, "feed")
    assert (parsed.cause, dict(parsed.skipped)) == ("done", {})
    events = [event for _, event in parsed.events]
    posts = sorted(
        (one for one in events if isinstance(one, PostObserved)), key=lambda one: one.published_at
    )
    assert [one.published_at for one in posts] == MOMENTS
    assert [name in (one.address or "") for name, one in zip(NAMES, posts, strict=True)] == [
        True
    ] * 3
    assert len({one.native_id for one in posts}) == 3
    texts = {one.post: one.text for one in events if isinstance(one, TextObserved)}
    said = [texts[one.post] for one in posts]
    assert "3 € (gratuit -12 ans)" in said[0]
    assert "réservoirs nettoyés, l’eau" in said[1]
    assert "voirie & « plan vélo ». Séance publique à 18 h 30." in " ".join(said[2].split())
    assert not any("<" in one or "&amp;" in one for one in said)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda one: one.name)
def test_of_a_source_they_are_mentions_told_once(feed):
    parsed = read(feed, "mentions")
    found = [one for _, one in parsed.events if isinstance(one, MentionObserved)]
    assert sorted(one.published_at for one in found) == MOMENTS
    assert len({one.mention for one in found}) == 3
    assert {one.title for one in found} >= {"Conseil municipal du 30 novembre"}
    again = [one for _, one in read(feed, "mentions").events if isinstance(one, MentionObserved)]
    assert {one.event_id for one in again} == {one.event_id for one in found}
