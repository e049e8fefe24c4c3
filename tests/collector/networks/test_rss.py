"""Rss under the suite, on what it documents; below, what is its own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import ClassVar
from xml.sax.saxutils import escape

import pytest

from contracts.jobs import JobGranted, JobSubject
from contracts.mentions import MentionObserved
from contracts.posts import PostObserved, TextObserved
from services.collector.networks import reader_of
from services.collector.parsing.feed import feed_of_page
from services.collector.readers.reader import Answer
from tests.suites.network import NOW, NetworkSuite, answer_of, job_of, posts_of

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
MONTH = NOW - 30 * DAY


FEED = JobSubject(subject="acc-f", handle="https://ville.example/feed")


def rss(*items: str, title: str = "Ville d’Essai", more: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<language>fr-FR</language>{more}{''.join(items)}</channel></rss>"
    )


def item(number: int, date: str = "Mon, 23 Nov 2026 10:00:00 +0100", text: str = "Texte") -> str:
    return (
        f"<item><title>Titre {number}</title><link>https://ville.example/{number}</link>"
        f"<guid>id-{number}</guid><pubDate>{date}</pubDate><description>{text}</description></item>"
    )


FORMS = {
    "rss": rss(item(1), item(2)),
    "rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/"><channel><title>t</title></channel>'
    f"{item(1)}{item(2)}</rdf:RDF>",
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
    + "".join(
        f'<entry><id>{n}</id><link href="https://a.example/{n}"/><title>Titre {n}</title></entry>'
        for n in (1, 2)
    )
    + "</feed>",
}


class TestRss(NetworkSuite):
    slug = "rss"
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "feed": (
            job_of("rss", "feed", FEED, since=MONTH),
            answer_of(rss(item(1), item(2)), content_type="application/rss+xml"),
        ),
        "mentions": (job_of("rss", "mentions", FEED), answer_of(rss(item(1)), etag='W/"a"')),
    }

    def test_a_feed_of_an_account_gives_posts_and_any_other_gives_mentions(self):
        assert [type(event) for _, event in self.parsed("feed").events] == [
            PostObserved,
            TextObserved,
        ] * 2
        mention = self.parsed("mentions").events[0][1]
        assert isinstance(mention, MentionObserved)
        assert (mention.address, mention.author) == ("https://ville.example/1", "Ville d’Essai")

    def test_nothing_new_is_a_success(self):
        job = job_of(
            "rss", "feed", FEED, etag='0a1b W/"a"', last_modified="Mon, 23 Nov 2026 10:00:00 GMT"
        )
        parsed = self.read(job, b"", 304)
        assert (parsed.cause, parsed.etag, parsed.events) == ("unchanged", '0a1b W/"a"', ())
        headers = dict(self.reader.request(job, None).headers)
        assert headers["If-None-Match"] == 'W/"a"'
        assert headers["If-Modified-Since"] == "Mon, 23 Nov 2026 10:00:00 GMT"

    def test_the_body_tells_when_the_server_s_tag_changes_at_each_answer(self):
        first = self.read("feed", rss(item(1)), etag='"1"')
        job = job_of("rss", "feed", FEED, etag=first.etag)
        assert self.read(job, rss(item(1)), etag='"2"').cause == "unchanged"
        assert self.read(job, rss(item(2)), etag='"3"').cause == "done"

    @pytest.mark.parametrize(
        ("body", "charset", "title"),
        [
            (rss(item(1)).replace("Titre 1", "L’été").encode(), "", "L’été"),
            (
                rss(item(1))
                .replace("UTF-8", "ISO-8859-1")
                .replace("Titre 1", "L’été à 5 €")
                .encode("cp1252"),
                "",
                "L’été à 5 €",
            ),
            (
                rss(item(1)).replace("Titre 1", "L’été").encode("cp1252"),
                "; charset=iso-8859-1",
                "L’été",
            ),
            (b"\n\n" + rss(item(1)).encode(), "", "Titre 1"),
            (b"\xef\xbb\xbf" + rss(item(1)).encode(), "", "Titre 1"),
        ],
    )
    def test_encodings_of_municipal_sites(self, body, charset, title):
        answer = answer_of(body, content_type=f"application/rss+xml{charset}")
        mention = self.reader.read(self.good["mentions"][0], answer).events[0][1]
        assert isinstance(mention, MentionObserved)
        assert mention.title == title

    @pytest.mark.parametrize(
        ("date", "expected"),
        [
            ("lundi 23 novembre 2026 à 10h30", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
            ("Fri, 24 Nov 2034 10:00:00 GMT", NOW),
            ("0000-00-00 00:00:00", NOW),
            ("n’importe quoi", NOW),
            ("", NOW),
        ],
    )
    def test_dates(self, date, expected):
        posts = posts_of(self.read(job_of("rss", "feed", FEED), rss(item(1, date), item(2))))
        assert [post.published_at for post in posts] == [
            expected, datetime(2026, 11, 23, 9, tzinfo=UTC)]  # fmt: skip

    @pytest.mark.parametrize(
        ("bad", "given"),
        [
            ("<link>http://[::1</link><guid>a</guid>", 1),
            ("<link>http://[v1]/é</link><guid>a</guid>", 1),
            ("<guid>a</guid><link>https://ville.example/&#xD83D;</link>", 2),
            ("<guid>&#xD83D;</guid><link>https://ville.example/2</link>", 2),
            ("<guid>a</guid><link>https://a.example/&#55357;&#xDE00;</link>", 2),
            ("<title>crue &#xD83D; \x1b\x00</title><link>https://ville.example/2</link>", 2),
            ("", 1),
        ],
    )
    def test_a_bad_item_spoils_none_but_itself(self, bad, given):
        body = rss(item(1), f"<item>{bad}</item>")
        parsed = self.read("mentions", body)
        found = [event for _, event in parsed.events if isinstance(event, MentionObserved)]
        assert (parsed.cause, len(found)) == ("done", given)
        assert sum(parsed.skipped.values()) == 2 - given
        for event in found:
            assert MentionObserved.read(event.encode()) == event
            assert not set("\x00\x1b") & set(f"{event.title}{event.text}")

    def test_entities_are_decoded_twice_and_tags_stripped(self):
        twice = (
            "&amp;lt;p&amp;gt;L&amp;#039;eau est coup&amp;eacute;e&amp;lt;/p&amp;gt; "
            "&lt;b&gt;ce soir&lt;/b&gt;"
        )
        mention = self.read("mentions", rss(item(1, text=twice))).events[0][1]
        assert isinstance(mention, MentionObserved)
        assert "L'eau est coupée" in mention.text
        assert "<" not in mention.text

    @pytest.mark.parametrize("order", [1, -1])
    def test_the_whole_text_is_read_beside_the_teaser(self, order):
        whole = escape("<p>Le conseil se réunit</p><ul><li>eau</li><li>école</li></ul>")
        parts = [
            "<description>Le conseil…</description>",
            f"<content:encoded>{whole}</content:encoded>",
        ]
        one = f"<item><link>https://a.example/1</link>{''.join(parts[::order])}</item>"
        body = rss(one).replace(
            "<rss ", '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        )
        event = self.read("mentions", body).events[0][1]
        assert isinstance(event, MentionObserved)
        assert event.text.split() == ["Le", "conseil", "se", "réunit", "eau", "école"]

    def test_google_alerts_are_unwrapped(self):
        link = "https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://press.example/a%3Fid%3D3&amp;ct=ga"
        body = rss(item(1).replace("https://ville.example/1", link))
        mention = self.read("mentions", body).events[0][1]
        assert isinstance(mention, MentionObserved)
        assert mention.address == "https://press.example/a?id=3"

    @pytest.mark.parametrize(
        ("address", "known_by"),
        [
            (
                "https://Ville.example/1?utm_source=rss&id=4#xtor=RSS-1",
                "https://ville.example/1?id=4",
            ),
            ("HTTPS://ville.example", "https://ville.example/"),
            *(
                (f"https://ville.example/{kept}{tracked}", f"https://ville.example/{kept}")
                for kept, tracked in (
                    ("spip.php?article123", "&utm_source=rss"),
                    ("index.php?post/2026/06/Le-marche", "&utm_source=a&utm_medium=b"),
                    ("page?mot=%E9t%E9", "&mtm_campaign=lettre"),
                    ("page?mot=%C3%A9+%20t", "&at_medium=rss&at_campaign=x"),
                    ("a?x=1;y=2", "&fbclid=IwAR0"),
                    ("a?u=https://b.example/c%20d", "&amp;utm_medium=rss"),
                    ("r?mot[]=eau&vide=&seul", "&pk_source=x"),
                    ("a?at_quartier=nord&utmost=1&id=5", ""),
                    ("direct?a=1", "&utm_source=x#p2"),
                    ("#!/actu/12?utm=1&b", ""),
                )
            ),
        ],
    )
    def test_only_tracking_parameters_leave_an_address(self, address, known_by):
        if "#p2" in address:
            known_by += "#p2"
        body = rss(item(1).replace("https://ville.example/1", escape(address)))
        mention = self.read("mentions", body).events[0][1]
        assert isinstance(mention, MentionObserved)
        assert mention.address == known_by

    @pytest.mark.parametrize(
        ("body", "status", "followed"),
        [
            (rss(item(1)), 200, True),
            (b"", 304, True),
            ("<!DOCTYPE html><html><body>Notre nouveau site</body></html>", 200, False),
            ("neither", 200, False),
            ("<rss><channel>", 500, False),
        ],
    )
    def test_a_feed_has_moved_where_it_was_read(self, body, status, followed):
        home = "https://ville.example/accueil"
        answer = replace(answer_of(body, status), moved_to=home)
        parsed = self.reader.read(self.good["feed"][0], answer)
        assert parsed.renamed == ({"acc-f": home} if followed else {})

    def test_a_page_instead_of_a_feed_is_told_and_looked_into(self):
        page = (
            '<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" '
            'href="/rss.xml"></head></html>'
        )
        parsed = self.read("feed", page, content_type="text/html")
        assert parsed.cause == "unavailable"
        assert parsed.renamed == {"acc-f": "https://ville.example/rss.xml"}

    @pytest.mark.parametrize(
        ("link", "feed"),
        [
            ("<LINK HREF='/f?a=1&amp;b' TYPE=application/atom+xml REL='x alternate'>", "/f?a=1&b"),
            ('<link rel="stylesheet" type="application/rss+xml" href="/no">', None),
            ('<link rel="alternate" type="text/html" href="/no">', None),
            (
                "<div>" * 500_000 + '<link rel="alternate" type="application/rss+xml" href="/no">',
                None,
            ),
            ("<link " * 500_000, None),
            ("<link " + "a=" * 500_000, None),
        ],
    )
    def test_what_a_page_declares(self, link, feed):
        before = process_time()
        assert feed_of_page(f"<!doctype html><html>{link}".encode()) == feed
        assert process_time() - before < 5

    def test_a_wall_is_left_for_a_day(self):
        parsed = self.read("feed", "<html>Robot ?</html>", 403)
        assert (parsed.cause, parsed.retry_at) == ("refused", NOW + DAY)

    @pytest.mark.parametrize("kept", [0.5, 0.75, 0.95])
    def test_a_feed_cut_short_gives_whole_entries_only_and_is_asked_again(self, kept):
        body = rss(*(item(number) for number in range(6))).encode()
        answer = answer_of(body[: int(len(body) * kept)], etag='"1"')
        parsed = self.reader.read(self.good["feed"][0], answer)
        posts = [event for _, event in parsed.events if isinstance(event, PostObserved)]
        assert 0 < len(posts) < 6
        assert {post.published_at for post in posts} == {datetime(2026, 11, 23, 9, tzinfo=UTC)}
        assert all(post.address == f"https://ville.example/{n}" for n, post in enumerate(posts))
        assert parsed.etag is None

    @pytest.mark.parametrize(
        "junk",
        [
            '<script defer src="https://mesure.example/balise.min.js"></script>',
            "<!-- servi en 0,2 s --> <!-- cache -->\n",
            "<!---->" * 500 + "<br>",
            "<p>Warning</p>" * 10_000,
        ],
    )
    @pytest.mark.parametrize("kind", ["rss", "rdf", "atom"])
    def test_a_feed_is_whole_whatever_follows_it(self, kind, junk):
        answer = answer_of(FORMS[kind] + junk, etag='"1"')
        parsed = self.reader.read(self.good["mentions"][0], answer)
        assert len(parsed.events) == 2
        assert (parsed.etag or "").endswith(' "1"')
        cut = FORMS[kind][: FORMS[kind].rindex("</title>")]
        assert len(self.read("mentions", cut).events) == 1

    @pytest.mark.parametrize(
        ("dates", "hours"),
        [
            ([NOW - 4 * DAY], 24),
            ([NOW - 6 * HOUR], 3),
            ([NOW - 6 * HOUR] * 5, 3),
            ([NOW - 6 * HOUR - n * HOUR for n in range(9)], 0.5),
            ([], 1),
        ],
    )
    def test_a_feed_without_a_gap_has_the_pace_of_its_age(self, dates, hours):
        items = [item(n, date.isoformat()) for n, date in enumerate(dates)]
        parsed = self.read("mentions", rss(*items))
        assert parsed.retry_at == NOW + timedelta(hours=hours)

    @pytest.mark.parametrize(
        ("more", "headers", "minutes"),
        [
            ("<ttl>90</ttl>", {}, 90),
            ("", {"cache_control": "public, max-age=3600"}, 60),
            ("<ttl>1</ttl>", {}, 10),
        ],
    )
    def test_the_pace_that_a_feed_asks_for(self, more, headers, minutes):
        parsed = self.read("feed", rss(item(1), more=more), **headers)
        assert parsed.retry_at == NOW + timedelta(minutes=minutes)

    def test_entities_are_not_fetched_nor_expanded(self):
        bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + rss(
            item(1, text="&a;")
        ).removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
        parsed = self.read("mentions", bomb)
        assert all("root:" not in getattr(event, "text", "") for _, event in parsed.events)

    def test_one_entry_that_no_event_can_hold_spoils_not_the_others(self):
        impossible = item(2).replace("Titre 2", "\u200b").replace("https://ville.example/2", "")
        body = rss(item(1), impossible.replace("id-2", " "), item(3))
        parsed = self.read("mentions", body)
        assert parsed.cause == "done"
        assert len(parsed.events) == 2
        assert sum(parsed.skipped.values()) == 1


@pytest.mark.parametrize("number", ["99999999999999999999999", "9" * 5_000, "²"])
def test_a_pace_that_is_no_number_of_seconds_is_no_pace(number):
    item = "<item><title>t</title><link>https://a.example/1</link></item>"
    feed = f"<rss version='2.0'><channel><title>t</title><ttl>{number}</ttl>{item}</channel></rss>"
    job = job_of("rss", "mentions", JobSubject(subject="s", handle="https://a.example/feed"))
    headers = {"cache-control": f"max-age={number}", "content-type": "application/rss+xml"}
    parsed = reader_of("rss").read(job, Answer(200, headers, feed.encode(), NOW))
    assert parsed.cause == "done"
    assert reader_of("rss").read(job, Answer(304, headers, b"", NOW)).cause == "unchanged"


def test_a_feed_nested_without_end_is_none_and_one_of_many_entries_is_read():
    began = process_time()
    deep = ("<rss version='2.0'><channel>" + "<a>" * 200_000).encode()
    job = TestRss.good["feed"][0]
    assert TestRss().read(job, deep).cause == "unavailable"
    assert process_time() - began < 5
    left_open = rss(*(item(number, text="<p>Samedi<br>Dimanche") for number in range(900)))
    assert len(posts_of(TestRss().read(job, left_open))) > 0
