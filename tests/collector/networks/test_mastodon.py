"""Mastodon under the suite, on what it documents; below, what is its own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from contracts.jobs import JobSubject
from contracts.mentions import MentionObserved
from services.collector.readers.reader import Answer, Parsed
from tests.suites.network import (
    NOW,
    accounts_of,
    answer_of,
    job_of,
    posts_of,
    texts_of,
)
from tests.suites.pages import PagesSuite, good_of

NEXT = "https://social.example/api/v1/accounts/109/statuses?max_id=2"

TOOT = JobSubject(subject="acc-m", handle="ville@social.example", native_id="109")
TOOT_NEW = JobSubject(subject="acc-m", handle="ville@social.example")
TOOT_ACCOUNT = {
    "id": "109", "username": "ville", "acct": "ville", "display_name": "Ville",
    "url": "https://social.example/@ville", "followers_count": 1036, "following_count": 138,
    "statuses_count": 280,
}  # fmt: skip


def toot(number: int, days: float, **changes: object) -> dict[str, object]:
    return {
        "id": str(number),
        "created_at": (NOW - timedelta(days=days)).isoformat(),
        "account": TOOT_ACCOUNT,
        "content": '<p>Bonjour <a href="https://x.example" class="hashtag">#<span>Essai</span></a>'
        "</p><p>2 &lt; 3</p>",
        "url": f"https://social.example/@ville/{number}",
        "visibility": "public",
        "language": "fr",
        "in_reply_to_account_id": None,
        "reblog": None,
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "media_attachments": [],
    } | changes


def page(*toots: dict[str, object], more: bool = False) -> Answer:
    return answer_of(list(toots), **({"link": f'<{NEXT}>; rel="next"'} if more else {}))


SEARCH = job_of(
    "mastodon", "mentions", JobSubject(subject="search-1", handle="essaisuronde@social.example"),
    since=NOW - timedelta(days=1),
)  # fmt: skip


def said(number: int, days: float, **changes: object) -> dict[str, object]:
    """What somebody of another instance says; `account` has what is particular to who it is."""
    somebody = {
        "id": "7", "username": "lou", "acct": "lou@other.example", "discoverable": True,
        "indexable": True, "noindex": False,
    }  # fmt: skip
    who = changes.pop("who", {})
    assert isinstance(who, dict)
    url = f"https://other.example/@lou/{number}"
    return toot(number, days, account=somebody | who, url=url) | changes


def mentions_of(parsed: Parsed) -> list[MentionObserved]:
    return [event for _, event in parsed.events if isinstance(event, MentionObserved)]


class TestMastodon(PagesSuite):
    slug = "mastodon"
    causes: ClassVar[Mapping[int, str]] = {404: "unavailable", 410: "unavailable"}
    headers = ({"x-ratelimit-remaining": "293"}, 293)
    takes_empty = True
    good = good_of(
        slug, TOOT, answer_of(TOOT_ACCOUNT), page(toot(3, 1), toot(2, 2, quotes_count=0)),
        "3", answer_of(toot(3, 1)),
    )  # fmt: skip
    good = {**good, "mentions": (SEARCH, page(said(9, 0.1), said(8, 0.2)))}
    ids = "{}"
    post, page = staticmethod(toot), staticmethod(page)
    no_more = tuple(answer_of({"error": "Record not found"}, status) for status in (404, 410))

    def test_what_others_say_is_found_by_hashtag(self):
        request = self.reader.request(SEARCH, None)
        assert request.url == "https://social.example/api/v1/timelines/tag/essaisuronde"
        parsed = self.parsed("mentions")
        first, _ = mentions_of(parsed)
        assert (first.address, first.source) == ("https://other.example/@lou/9", "other.example")
        assert first.text.startswith("Bonjour #Essai")
        assert (first.author, first.language) == (None, "fr")
        assert set(parsed.speakers.values()) == {"lou@other.example"}
        here = self.read("mentions", [said(1, 0.1, who={"acct": "lou"})])
        assert set(here.speakers.values()) == {"lou@social.example"}

    @pytest.mark.parametrize(
        "who", [{"discoverable": False}, {"indexable": False}, {"noindex": True}]
    )
    def test_who_asks_not_to_be_found_is_not(self, who):
        assert self.read("mentions", [said(1, 0.1, who=who)]).events == ()
        assert len(self.read("mentions", [said(1, 0.1, who=dict.fromkeys(who))]).events) == 1

    @pytest.mark.parametrize(
        "what",
        [{"reblog": {"id": "1"}}, {"visibility": "unlisted"}, {"language": "en"}, {"url": None},
         {"url": "javascript:alert(1)"}],
    )  # fmt: skip
    def test_of_what_is_found_only_what_is_public_and_french_is_kept(self, what):
        both = [said(2, 0.1, **what), said(1, 0.2)]
        assert [one.address[-1] for one in mentions_of(self.read("mentions", both))] == ["1"]

    def test_what_was_found_is_told_again_once_it_is_edited(self):
        found = self.parsed("mentions")
        job = SEARCH.model_copy(update={"items": found.items})
        edited = said(9, 0.1, edited_at=NOW.isoformat(), content="<p>Autre chose</p>")
        again = self.read(job, [edited, said(8, 0.2), said(7, 1.5)])
        assert [one.text for one in mentions_of(again)] == ["Autre chose"]
        assert mentions_of(again)[0].mention == mentions_of(found)[0].mention

    def test_a_search_goes_back_to_its_bound(self):
        full = [said(99 - number, number / 100) for number in range(40)]
        assert self.reader.read(SEARCH, page(*full, more=True)).next_cursor == NEXT
        old = page(*full[:-1], said(2, 2), more=True)
        assert self.reader.read(SEARCH, old).next_cursor is None
        assert self.reader.read(SEARCH, page(*full[:-1], more=True)).next_cursor is None

    def test_html_becomes_text(self):
        text = texts_of(self.parsed("posts"))[0].text
        assert text == "Bonjour #Essai\n\n2 < 3" or text == "Bonjour #Essai\n2 < 3"
        assert posts_of(self.parsed("posts"))[0].hashtags == ("essai",)

    def test_quotes_are_null_where_the_instance_gives_none(self):
        first, second = posts_of(self.parsed("posts"))
        assert (first.quotes, first.absent["quotes"], second.quotes) == (None, "not_published", 0)

    def test_the_next_page_is_followed_as_it_is_given(self):
        link = (
            '<https://social.example/api/v1/accounts/109/statuses?max_id=2>; rel="next", '
            '<https://social.example/x>; rel="prev"'
        )
        job, answer = self.good["posts"]
        parsed = self.reader.read(job, Answer(200, {"link": link}, answer.body, NOW))
        assert parsed.next_cursor == "https://social.example/api/v1/accounts/109/statuses?max_id=2"
        following = job.model_copy(update={"cursor": parsed.next_cursor})
        assert self.reader.request(following, None).url == parsed.next_cursor

    @pytest.mark.parametrize("operation", ["profile", "posts"])
    def test_an_instance_that_leads_to_its_way_in_refuses(self, operation):
        """Pixelfed's answer to who has not signed in: an account is not away for that."""
        job, _ = self.good[operation]
        login = {"location": "https://social.example/login"}
        parsed = self.reader.read(job, Answer(302, login, b"", NOW))
        assert (parsed.cause, parsed.absences, parsed.events) == ("refused", {}, ())
        for place in ("/users/1", "https://[", "https://\u2100.fr/login"):
            elsewhere = self.reader.read(job, Answer(302, {"location": place}, b"", NOW))
            assert elsewhere.cause == "unavailable"

    @pytest.mark.parametrize("cursor", ["https://evil.example/x", "https://[", "https://℀.fr/x"])
    def test_another_host_is_not_followed(self, cursor):
        """Nor what is no address: at each of its jobs the account would be « not understood »."""
        job = self.good["posts"][0].model_copy(update={"cursor": cursor})
        assert self.reader.request(job, None).url.startswith("https://social.example/api/v1/")

    def test_boosts_and_replies_to_others_are_skipped(self):
        job, _ = self.good["posts"]
        body = [
            toot(5, 1, reblog={"id": "1"}),
            toot(4, 1, in_reply_to_account_id="7"),
            toot(3, 1, in_reply_to_account_id="109"),
            toot(2, 1, visibility="private"),
        ]
        parsed = self.read(job, body)
        assert [post.native_id for post in posts_of(parsed)] == ["3"]
        assert sum(parsed.skipped.values()) == 3

    def test_an_account_is_looked_up_by_name_then_by_id(self):
        by_name = self.reader.request(job_of("mastodon", "profile", TOOT_NEW), None)
        assert (by_name.url, by_name.params) == (
            "https://social.example/api/v1/accounts/lookup",
            (("acct", "ville"),),
        )
        assert self.reader.request(self.good["profile"][0], None).url.endswith("/accounts/109")

    def test_a_move_is_followed(self):
        moved = TOOT_ACCOUNT | {"moved": {"acct": "ville@new.example"}}
        parsed = self.read("profile", moved)
        assert parsed.renamed == {"acc-m": "ville@new.example"}

    @pytest.mark.parametrize(
        ("acct", "renamed"),
        [
            ("mairie@écommoy.example", {"acc-m": "mairie@xn--commoy-9ua.example"}),
            ("mairie@127.0.0.1", {}),
            ("mairie@éc ommoy.example", {}),
            ("mairie@[::1]", {}),
            ("@", {}),
            ("x" * 600, {}),
        ],
    )
    def test_a_move_leads_to_an_address_or_nowhere(self, acct, renamed):
        moved = TOOT_ACCOUNT | {"moved": {"acct": acct}}
        parsed = self.read("profile", moved)
        assert (parsed.cause, parsed.renamed) == ("done", renamed)

    def test_the_stand_in_for_a_quote_is_not_what_the_account_says(self):
        content = (
            '<p class="quote-inline">RE: <a href="https://autre.example/@lens/9">'
            "https://autre.example/@lens/9</a></p><p>Bravo à l’équipe</p>"
        )
        body = [toot(3, 1, content=content)]
        parsed = self.read("posts", body)
        assert [text.text for text in texts_of(parsed)] == ["Bravo à l’équipe"]

    def test_somebody_else_s_post_is_not_the_account_s(self):
        other = TOOT_ACCOUNT | {"id": "7"}
        body = [toot(4, 1, account=other), toot(3, 1)]
        parsed = self.read("posts", body)
        assert [post.native_id for post in posts_of(parsed)] == ["3"]

    def test_an_impossible_date_costs_its_post_only(self):
        body = [toot(4, 1, created_at="0000-00-00"), toot(3, 1)]
        parsed = self.read("posts", body)
        assert [post.native_id for post in posts_of(parsed)] == ["3"]
        assert "unusable item" in (parsed.detail or "")

    def test_hashtags_are_those_that_the_instance_names(self):
        tags = [{"name": "Saint-Émilion"}]
        body = [toot(3, 1, content="<p>#Saint-Émilion</p>", tags=tags)]
        parsed = self.read("posts", body)
        assert posts_of(parsed)[0].hashtags == ("saint-émilion",)

    def test_a_suspended_account_is_gone(self):
        suspended = TOOT_ACCOUNT | {"suspended": True}
        parsed = self.read("profile", suspended)
        assert (parsed.cause, set(parsed.absences.values())) == ("gone", {"suspended"})

    def test_a_name_taken_by_another_account_is_nobody_s(self):
        other = TOOT_ACCOUNT | {"id": "999"}
        parsed = self.read("profile", other)
        assert (parsed.cause, accounts_of(parsed)) == ("gone", [])
        assert set(parsed.absences.values()) == {"moved"}

    @pytest.mark.parametrize(("status", "absence"), [(404, "not_found"), (410, "deleted")])
    def test_gone_for_ever_is_more_than_not_found(self, status, absence):
        parsed = self.read("profile", {"error": "Record not found"}, status)
        assert set(parsed.absences.values()) == {absence}

    def test_the_reset_is_an_iso_date(self):
        answer = answer_of(
            '{"error":"Too many requests"}', 429, x_ratelimit_reset="2026-11-24T07:45:00.216801Z"
        )
        parsed = self.reader.read(self.good["posts"][0], answer)
        assert parsed.retry_at == datetime(2026, 11, 24, 7, 45, 0, 216801, tzinfo=UTC)

    def test_an_instance_that_refuses_anonymous_reading_is_told(self):
        answer = answer_of('{"error":"This method requires an authenticated user"}', 401)
        parsed = self.reader.read(self.good["profile"][0], answer)
        assert parsed.cause == "refused"
        assert "authenticated" in (parsed.detail or "")
