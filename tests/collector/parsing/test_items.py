"""Items of a feed from one reading to the next: identity, dates, what is new and remembered."""

from datetime import datetime, timedelta

import pytest

from contracts.mentions import MentionObserved
from services.collector.networks import reader_of
from services.collector.parsing.items import MOST_ITEMS
from services.collector.readers.reader import Answer, Parsed
from tests.collector.networks.test_rss import FEED, item, rss
from tests.suites.network import NOW, job_of, posts_of

HOUR = timedelta(hours=1)
DAY = 24 * HOUR


def entry(title: str, *, guid: str = "", link: str = "", date: datetime | None = None) -> str:
    """An item with what it is given."""
    parts = {
        "<title>{}</title>": title,
        "<link>{}</link>": link,
        '<guid isPermaLink="false">{}</guid>': guid,
        "<pubDate>{}</pubDate>": date.isoformat() if date else "",
    }
    return f"<item>{''.join(form.format(said) for form, said in parts.items() if said)}</item>"


class Reading:
    """A feed read again and again, an hour apart, as the schedule does."""

    def __init__(self, operation: str = "feed", feed: str = "acc-f") -> None:
        self.operation = operation
        self.subject = FEED.model_copy(update={"subject": feed})
        self.moment = NOW
        self.last: Parsed | None = None

    def read(self, *items: str, after: timedelta = HOUR, more: str = "") -> Parsed:
        job = job_of(
            "rss",
            self.operation,
            self.subject,
            since=self.moment - (2 * DAY if self.last else 30 * DAY),
            items=self.last.items if self.last else None,
            slot=self.moment,
        )
        answer = Answer(200, {}, rss(*items, more=more).encode(), self.moment)
        self.last = reader_of("rss").read(job, answer)
        self.moment += after
        return self.last

    def ids(self, *items: str) -> list[str]:
        return [post.native_id for post in posts_of(self.read(*items))]

    def mentions(self, *items: str) -> list[MentionObserved]:
        found = [event for _, event in self.read(*items).events]
        return [event for event in found if isinstance(event, MentionObserved)]


@pytest.mark.parametrize("date", [None, NOW + 30 * DAY, NOW + 2 * HOUR])
def test_an_item_undated_or_dated_ahead_has_its_first_sight_for_ever(date):
    reading = Reading()
    agenda = entry("Repas des aînés", guid="a", date=date)
    for hour in range(6):
        built = f"<lastBuildDate>{(NOW + hour * HOUR).isoformat()}</lastBuildDate>"
        posts = posts_of(reading.read(item(hour), agenda, more=built))
        assert [post.published_at for post in posts if post.text_length == 15] == [NOW]


def test_a_date_that_moves_at_each_edition_does_not():
    reading = Reading()
    for hour in range(3):
        posts = posts_of(reading.read(entry("Marché", guid="a", date=NOW + (hour - 5) * HOUR)))
        assert posts[0].published_at == NOW - 5 * HOUR
    earlier = posts_of(reading.read(entry("Marché", guid="a", date=NOW - DAY)))
    assert earlier[0].published_at == NOW - DAY


def test_what_is_put_online_late_is_seen_whatever_its_date():
    for operation in ("feed", "mentions"):
        reading = Reading(operation)
        feed = [
            entry("Actualité", guid="a", link="https://a.example/a", date=NOW - DAY),
            entry("Ancienne", guid="b", link="https://a.example/b", date=NOW - 9 * DAY),
        ]
        reading.read(*feed)
        minutes = entry("PV", guid="c", link="https://a.example/c", date=NOW - 60 * DAY)
        dated = {event.published_at for _, event in reading.read(minutes, *feed).events}
        assert dated == {NOW - 60 * DAY, NOW - DAY}
        again = {event.published_at for _, event in reading.read(minutes, *feed).events}
        assert again == {NOW - DAY}


def test_an_archive_that_comes_back_into_the_window_is_nothing_new():
    reading = Reading()
    feed = [entry(f"n° {n}", guid=f"{n}", date=NOW - n * 5 * DAY) for n in range(1, 12)]
    assert len(reading.ids(*feed[:10])) == 6
    assert reading.ids(*feed[1:11]) == []
    # What was known and comes back is no news either.
    assert reading.ids(*feed[:10]) == []


def test_the_first_reading_goes_back_thirty_days():
    feed = [entry(f"n° {n}", guid=f"{n}", date=NOW - n * 20 * DAY) for n in range(3)]
    assert len(Reading().ids(*feed)) == 2


def test_a_feed_first_read_empty_was_read():
    reading = Reading()
    assert reading.ids() == []
    assert len(reading.ids(entry("PV", guid="a", date=NOW - 60 * DAY))) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("g1", "https://a.example/1"), ("g2", "https://a.example/1")),
        (("g1", "https://a.example/1"), ("g1", "https://a.example/2")),
        (("http://a.example/1", "http://a.example/1"), ("https://b.example/1",) * 2),
        (("", "https://a.example/1"), ("https://a.example/1",) * 2),
        (("g1", ""), ("g2", "")),
    ],
)
def test_one_item_stays_one(before, after):
    reading = Reading()
    ids = [
        reading.ids(entry("Conseil", guid=guid, link=link, date=NOW - HOUR))
        for guid, link in (before, after, after)
    ]
    assert ids[0] == ids[1] == ids[2]


@pytest.mark.parametrize(
    "items",
    [
        [("12", "https://a.example/1", "Un"), ("12", "https://a.example/2", "Deux")],
        [("", "https://a.example/", "Un"), ("", "https://a.example/", "Deux")],
        [("a", "https://a.example/", "Info"), ("b", "https://a.example/", "Info")],
        [("0", "https://a.example/", "Un"), ("0", "https://a.example/", "Deux")],
        [("", "https://a.example/#!/1", "Un"), ("", "https://a.example/#!/2", "Un")],
    ],
)
def test_two_items_are_two(items):
    reading = Reading()
    feed = [entry(title, guid=guid, link=link, date=NOW - HOUR) for guid, link, title in items]
    ids = reading.ids(*feed)
    assert len(set(ids)) == 2
    assert reading.ids(*feed) == ids


def test_a_guid_is_unique_in_its_feed_only():
    post = entry("Conseil", guid="12", link="https://a.example/12", date=NOW)
    assert Reading(feed="acc-1").ids(post) != Reading(feed="acc-2").ids(post)


def test_items_of_one_address_are_mentions_apart_and_stay_the_same():
    reading = Reading("mentions")
    page = "https://journal.example/direct"
    first = entry("8 h : crue annoncée", guid="1", link=page, date=NOW - HOUR)
    second = entry("9 h : évacuation", guid="2", link=page, date=NOW)
    alone = reading.mentions(first)[0]
    both = reading.mentions(second, first)
    assert [one.address for one in both] == [page, page]
    assert both[1].mention == alone.mention != both[0].mention
    assert [one.mention for one in reading.mentions(second)] == [both[0].mention]
    # The same thing told by another feed is the same mention.
    assert Reading("mentions", "acc-2").mentions(first)[0].mention == alone.mention


def test_fragments_tell_mentions_apart():
    links = [f"https://journal.example/direct#p{n}" for n in range(3)]
    links += [f"https://a.example/#!/actu/{n}" for n in range(3)]
    found = Reading("mentions").mentions(
        *(entry(f"n° {n}", guid=f"{n}", link=link, date=NOW) for n, link in enumerate(links))
    )
    assert [one.address for one in found] == links
    assert len({one.mention for one in found}) == 6


def test_of_a_feed_without_end_the_newest_are_read_and_told():
    reading = Reading()
    feed = [entry(f"n° {n}", guid=f"{n}", date=NOW - n * HOUR) for n in range(MOST_ITEMS + 7)]
    parsed = reading.read(*feed)
    assert parsed.skipped["unusable: too many"] == 7
    assert "too many" in (parsed.detail or "")
    assert len((parsed.items or "").split()) == MOST_ITEMS
    assert len(parsed.items or "") < 80_000
    assert parsed.readings == {}


@pytest.mark.parametrize("remembered", ["x", "a:b:c:d", "a:b:c:1:-5", "a:b:c:1:²", ": : :"])
def test_a_memory_that_cannot_be_read_is_an_empty_one(remembered):
    job = job_of("rss", "feed", FEED, items=remembered, since=NOW - 2 * DAY)
    parsed = reader_of("rss").read(job, Answer(200, {}, rss(item(1)).encode(), NOW))
    assert parsed.cause == "done"
    assert len(posts_of(parsed)) == 1
