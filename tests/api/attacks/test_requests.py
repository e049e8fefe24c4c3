"""Requests that nobody honest sends: each is refused in words, by the one defence named beside it.

A row is one attack; taking its defence away makes it fail.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from time import process_time
from typing import Any

import pytest

from libs.settings import Settings
from services.api.web.gate import LARGEST_BODY
from tests.api.conftest import BEARER, SIMULATION, client_of
from tests.api.store.test_store_watches import DRAFT
from tests.api.world import NOW

WATCHES = "/api/v1/watches"
MAILBOX = "mailto:anne@essai.example"
FORM = {
    "territory": "00101", "name": "Essai", "purpose": "veille", "any": "coupure", "mode": "each",
    "apercu": "1",
}  # fmt: skip
EVIL = "https://evil.example"
ASKED = {
    "demande": "access",
    "compte": "https://bsky.app/profile/a.example",
    "courriel": "a@b.example",
}


@dataclass(frozen=True)
class Attack:
    """A request, and the statuses of which one answers it."""

    name: str
    method: str
    path: str
    statuses: tuple[int, ...]
    given: dict[str, Any] = field(default_factory=dict[str, Any])


def forms(name: str, headers: dict[str, str], statuses: tuple[int, ...] = (403,)) -> list[Attack]:
    """Return a form that another site makes a browser send, to each kind of page that acts."""
    paths = (
        WATCHES,
        "/veilles/nouvelle",
        "/veilles/{watch}/pause",
        "/veilles/{watch}/fin",
        "/veilles/{watch}/essai",
        "/veilles/{watch}/destinataires",
        "/veilles/{watch}/desinscription",
        "/veilles/{watch}/reabonnement",
        "/veilles/confirmer/secret",
        "/exploitation/arreter",
        "/vos-droits",
        "/bureau/droits/demande",
        "/equipe/00101/elections",
        "/equipe/00101/contexte/moyens",
        "/equipe/00101/contexte/mois",
        "/equipe/00101/reperes",
        "/equipe/00101/reperes/note/effacer",
        "/equipe/00101/lundi",
        "/lundi/lien/fin",
        "/equipe/00101/communes",
        "/equipe/00101/communes/identite",
        "/equipe/00101/delegation/000000001",
    )
    return [
        Attack(f"{name} {path}", "POST", path, statuses, {"headers": headers}) for path in paths
    ]


def hosts() -> list[Attack]:
    """Return names that are not ours, as a page of somebody else's site has a browser send them."""
    named = ("evil.example", "portail.example.evil", "127.0.0.1.evil.example", "169.254.169.254",
             "portail.example@evil", "evil.example:80", "")  # fmt: skip
    return [
        Attack(f"host {host!r} {path}", "GET", path, (421,), {"headers": {"host": host}})
        for host in named
        for path in ("/", "/veilles/", "/api/v1/territories/")
    ]


def bodies() -> list[Attack]:
    """Return bodies that are no object of JSON, or too large, or of two lengths."""
    odd = (b"", b"[]", b"null", b"1", b'"x"', b"{", b"\xff\xfe", b"\0", b"[" * 5_000, b"{}x",
           b'{"watch":', b"true", b"1e999", b'{"watch": 1, "watch": 2}')  # fmt: skip
    large = b" " * (LARGEST_BODY + 1)
    json = {"content-type": "application/json"}
    attacks = [
        Attack(f"body {body[:12]!r}", "POST", WATCHES, (422,), {"content": body, "headers": json})
        for body in odd
    ]
    for path in (WATCHES, "/veilles/nouvelle", "/veilles/confirmer/secret"):
        sent = {"content": large, "headers": json}
        attacks.append(Attack(f"large {path}", "POST", path, (413,), sent))
    form = {"content-type": "application/x-www-form-urlencoded"}
    attacks.append(
        Attack(
            "large form", "POST", "/veilles/nouvelle", (413,), {"content": large, "headers": form}
        )
    )
    for length in ("99999999999999999999", "-1", "x", "1_0"):
        headers = json | {"content-length": length}
        attacks.append(
            Attack(
                f"length {length}", "POST", WATCHES, (413,), {"content": b"{}", "headers": headers}
            )
        )
    both = json | {"content-length": "2", "transfer-encoding": "chunked"}
    attacks.append(
        Attack("two lengths", "POST", WATCHES, (400,), {"content": b"{}", "headers": both})
    )
    return attacks


def parameters() -> list[Attack]:
    """Return days and numbers that no figure has."""
    days = ("0001-01-01", "9999-12-31", "0", "1e3", "-1", "2026-13-01", "20261101",
            "2026-11-01T00:00", "1700000000", "٢٠٢٦-١١-٠١", "1999-12-31")  # fmt: skip
    attacks = [
        Attack(f"{name}={day}", "GET", "/api/v1/accounts/00101-bluesky/observations", (422,),
               {"params": {name: day}})
        for day in days
        for name in ("date_from", "date_to")
    ]  # fmt: skip
    for number in ("9" * 400, "9" * 5_000, "-1", "0", "1.5", "9" * 20, "٩" * 20):
        given = {"params": {"network": "bluesky", "limit": number}}
        attacks.append(Attack(f"limit={number[:9]}", "GET", "/api/v1/rankings", (422,), given))
        for name in ("window", "cooldown"):
            if len(number) < 20:
                continue
            typed = {"data": FORM | {name: number}}
            attacks.append(
                Attack(f"{name}={number[:9]}", "POST", "/veilles/nouvelle", (422,), typed)
            )
    return attacks


CROSS = [
    *forms("fetch metadata, cross-site", {"sec-fetch-site": "cross-site"}),
    *forms("fetch metadata, same-site", {"sec-fetch-site": "same-site"}),
    *forms("origin", {"origin": EVIL}),
    *forms("origin null", {"origin": "null"}),
    *forms("origin that is none", {"origin": "http://["}),
]
ATTACKS = [*CROSS, *hosts(), *bodies(), *parameters()]


@pytest.fixture
async def live(places, figures, store) -> AsyncIterator[Any]:
    """A live installation, by somebody who has the operator's token: the attack is not in it."""
    async with client_of(SIMULATION, places, figures, store) as client:
        client.headers.update(BEARER)
        yield client


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_is_refused_in_words(live, store, attack):
    watch = store.watches.create(DRAFT, (MAILBOX,)).watch
    answer = await live.request(attack.method, attack.path.format(watch=watch), **attack.given)
    assert answer.status_code in attack.statuses, answer.text[:300]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-observatoire-origine"] == "simulation"
    assert "evil" not in answer.headers.get("location", "")
    known = store.watches.get(watch)
    assert (known.state, len(known.recipients)) == ("active", 1)


async def test_what_is_sent_in_pieces_is_bounded_too(portal):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1_000 + 2):
            yield b" " * 1_000

    answer = await portal.post(WATCHES, content=endless())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil", "\\\\evil",
     "javascript:alert(1)", "/palmares\\..", "https://evil.example", "/\\/evil"],
)  # fmt: skip
async def test_no_link_leaves_by_an_address_that_was_given(portal, address):
    page = await portal.get("/signaler", params={"adresse": address})
    assert page.status_code == 200
    assert "Revenir" not in page.text
    assert "Revenir" in (await portal.get("/signaler", params={"adresse": "/palmares?a=1"})).text


@pytest.mark.parametrize("path", ["/", "/palmares", "/api/v1/rankings?network=bluesky", "/veilles"])
async def test_a_fault_of_ours_is_answered_with_every_header(
    portal, figures, store, path, monkeypatch
):
    def fails(*_: object) -> None:
        raise RuntimeError("secret")

    figures.failure = RuntimeError("secret")
    monkeypatch.setattr(store.watches, "all", fails)
    answer = await portal.get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers.get("content-security-policy", "").startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-observatoire-origine"] == "simulation"


async def test_wrong_tokens_are_throttled_and_told(places, figures, store):
    wrong = {"authorization": "Bearer wrong-wrong-wrong-wrong"}
    settings = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(settings, places, figures, store) as client:
        answers = [await client.get(WATCHES, headers=wrong) for _ in range(30)]
        unasked = [await client.get("/palmares") for _ in range(3)]
    assert [one.status_code for one in answers] == [401] * 20 + [429] * 10
    assert answers[-1].headers["retry-after"] == "60"
    assert all(one.status_code == 200 for one in unasked)


async def test_previews_and_watches_made_are_throttled(portal):
    previews = [await portal.post("/veilles/nouvelle", data=FORM) for _ in range(31)]
    assert [one.status_code for one in previews] == [200] * 30 + [429]
    made = {name: value for name, value in FORM.items() if name != "apercu"}
    watches = [await portal.post("/veilles/nouvelle", data=made) for _ in range(61)]
    assert {one.status_code for one in watches[:60]} == {303}
    assert watches[60].status_code == 429


async def test_requests_of_the_api_are_throttled_by_address(places, figures, store, monkeypatch):
    async with client_of(SIMULATION, places, figures, store) as client:
        throttle = client._transport.app.state.installation.throttles.api
        monkeypatch.setattr(throttle, "most", 3)
        paths = ("/api/v1/methodologies", "/api/v1/codebook", "/api/v1/catalog", "/api/v1/months")
        answers = [await client.get(path) for path in paths]
        assert [one.status_code for one in answers] == [200] * 3 + [429]
        assert answers[-1].headers["retry-after"] == "60"
        assert answers[-1].headers["content-type"] == "application/problem+json"
        assert (await client.get(WATCHES)).status_code == 429
        assert (await client.get("/palmares")).status_code == 200, "pages are no programs"
        program = await client.get("/api/v1/months", headers=BEARER)
        assert program.status_code == 429


async def test_requests_of_rights_are_throttled(portal, store):
    asked = ASKED | {"texte": "Que savez-vous de moi ?"}
    answers = [await portal.post("/vos-droits", data=asked) for _ in range(12)]
    assert [one.status_code for one in answers] == [303] * 10 + [429] * 2
    assert len(store.rights.waiting()) == 10


async def test_what_is_asked_at_the_desk_is_no_html(portal):
    script = "<script>alert(1)</script> et encore"
    asked = ASKED | {"texte": script}
    assert (await portal.post("/vos-droits", data=asked)).status_code == 303
    shown = (await portal.get("/bureau/droits")).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


async def test_an_answer_to_another_period_than_the_open_one_is_refused(portal, store):
    sent = {"reponse": "not_concerned", "periode": "municipales-2020"}
    refused = await portal.post("/equipe/00101/elections", data=sent)
    assert refused.status_code in (409, 422)
    assert store.elections.of("00101", "municipales-2020") is None


@pytest.mark.parametrize("sign", ["\ufdfa", "e\u0301", "ﬃ", "İ"])
async def test_a_preview_of_many_long_terms_takes_a_bounded_time(portal, figures, sign):
    """Each term was folded again for each text: 200 of U+FDFA took more than 150 s."""
    texts = [f"{sign * 500} coupure {number}" for number in range(200)]
    figures.texts = [
        {"subject": text[-3:], "network": "bluesky", "address": f"https://a.example/{place}",
         "published_at": NOW - timedelta(minutes=place), "text": text}
        for place, text in enumerate(texts)
    ]  # fmt: skip
    terms = [f"{number}{sign * (14 // len(sign))}" for number in range(190)]
    before = process_time()
    sent = FORM | {"any": "\n".join([*terms, "coupure"])}
    answer = await portal.post("/veilles/nouvelle", data=sent)
    assert answer.status_code == 200
    assert process_time() - before < 8
