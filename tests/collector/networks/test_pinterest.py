"""Pinterest under the suite, on what it documents; one pin is recorded. Below, its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from contracts.addresses import Refusal
from contracts.jobs import JobGranted, JobSubject
from services.collector.readers.reader import Answer, Credential
from tests.suites.network import CREDENTIAL, NOW, accounts_of, answer_of, posts_of, texts_of
from tests.suites.pages import PagesSuite, good_of

ACCOUNT = JobSubject(subject="acc-p", handle="villedelens")
USER = {
    "id": "999",
    "username": "VilleDeLens",
    "business_name": "Ville de Lens",
    "follower_count": 310,
    "following_count": 12,
    "pin_count": 48,
}


def pin(number: int, days: float, **changes: object) -> dict[str, object]:
    return {
        "id": str(number),
        "created_at": f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%S}",
        "title": "Le marché",
        "description": "Samedi, place du marché #Lens",
        "is_owner": True,
        "media": {"media_type": "image"},
        "pin_metrics": {
            "90d": {"impression": 400, "pin_click": 12},
            "lifetime_metrics": {"impression": 900, "reaction": 21, "comment": 2},
        },
    } | changes


def page(*pins: dict[str, object], more: bool = False) -> Answer:
    return answer_of({"items": list(pins), "bookmark": "b2" if more else None})


def problem(status: int, code: int = 50, message: str = "Pin not found.") -> Answer:
    return answer_of({"code": code, "message": message}, status)


class TestPinterest(PagesSuite):
    slug, ids, second = "pinterest", "{}", ("bookmark", "b2")
    post, page = staticmethod(pin), staticmethod(page)
    no_more = (problem(404),)
    private = (problem(403, 29, "You are not permitted to access that resource."),)
    headers = ({"x-ratelimit-remaining": "93"}, 93)
    causes: ClassVar[Mapping[int, str]] = {
        401: "credential",
        404: "unavailable",
        410: "unavailable",
    }
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://www.pinterest.fr/VilleDeLens/": "pinterest:villedelens",
        "https://www.pinterest.fr/pin/12/": Refusal.POST,
    }
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = good_of(
        "pinterest",
        ACCOUNT,
        answer_of(USER),
        page(pin(3, 1), pin(2, 2)),
        "3",
        answer_of(pin(3, 1)),
    )

    def test_an_account_that_is_no_more_is_gone_if_the_network_says_so(self):
        """No call names an account: that a token opens nothing is all that is said of it."""
        for status in (404, 410):
            parsed = self.reader.read(self.good["profile"][0], problem(status, 2, "Not found."))
            assert (parsed.cause, parsed.gone) == ("refused", {})

    def test_an_account_is_that_of_the_token(self):
        request = self.reader.request(self.good["profile"][0], Credential("hers", "t0k3n"))
        assert dict(request.secret_headers) == {"Authorization": "Bearer t0k3n"}
        assert "villedelens" not in f"{request.url}{request.params}"
        (account,) = accounts_of(self.parsed("profile"))
        assert (account.followers, account.following, account.posts) == (310, 12, 48)
        assert account.handle == "villedelens"

    def test_a_name_that_changed_is_learnt_from_the_answer(self):
        renamed = answer_of(USER | {"username": "lens"})
        assert self.reader.read(self.good["profile"][0], renamed).renamed == {"acc-p": "lens"}

    def test_counters_of_a_pin_are_those_since_it_was_published(self):
        first, _ = posts_of(self.parsed("posts"))
        assert (first.likes, first.comments, first.kind) == (21, 2, "photo")
        assert {first.shares, first.views, first.quotes} == {None}
        assert texts_of(self.parsed("posts"))[0].text.startswith("Le marché")

    def test_a_pin_that_is_not_counted_yet_has_no_zero(self):
        young = page(pin(3, 1, pin_metrics=None), pin(2, 2, pin_metrics={"90d": {}}))
        for one in posts_of(self.reader.read(self.good["posts"][0], young)):
            assert (one.likes, one.absent["likes"], one.absent["views"]) == (
                None, "not_asked", "not_published",
            )  # fmt: skip

    def test_a_pin_saved_from_somebody_else_is_not_the_account_s(self):
        parsed = self.reader.read(self.good["posts"][0], page(pin(3, 1, is_owner=False), pin(2, 2)))
        assert [one.native_id for one in posts_of(parsed)] == ["2"]

    def test_a_page_is_asked_with_its_figures(self):
        asked = dict(self.reader.request(self.good["posts"][0], CREDENTIAL).params)
        assert (asked["pin_metrics"], asked["page_size"]) == ("true", "100")
