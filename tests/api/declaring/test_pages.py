"""Declared figures by their pages: a territory's agents alone see them, and can delete them."""

import asyncio
import threading

import pytest

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from services.api.declaring import reading
from services.api.declaring.months import by_account
from services.api.declaring.samples import SAMPLES
from services.api.figures.rows import TerritoryAccount
from services.api.pages.agents import declaring
from services.api.pages.territories import territory
from services.api.store.agents.declarations import (
    AT_MOST,
    DeclaredDay,
    DeclaredFigures,
    DeclaredPost,
)
from services.api.store.errors import ConflictError
from services.api.store.registry.claims import Claim, Proof
from tests.api.attacks.test_sign_in import Place
from tests.api.conftest import SIMULATION, enter_as
from tests.api.test_teams import TOWN, administrator, colleague
from tests.api.world import NOW, every_account
from tests.portal.test_pages import text_of

PAGE = f"/equipe/{TOWN}/declarer"
NAME = "exemple-facebook.csv"
FILE = {"fichier": (NAME, SAMPLES[NAME], "text/csv")}
SHOWN = "106,5"
"""Interactions a post of November, in the sample: (61 + 152) / 2."""


@pytest.fixture
async def place(places, figures):
    made = Place(SIMULATION, places, figures)
    yield made
    await made.close()


async def test_what_is_declared_is_seen_by_the_territory_s_agents_alone(place):
    anne, luc = await administrator(place), await colleague(place)
    answer = await anne.post(PAGE, files=FILE)
    assert answer.status_code == 200, answer.text
    assert "4 publications" in text_of(answer.text)
    for path in (PAGE, f"/territoires/{TOWN}", f"/territoires/{TOWN}?vue=detaillee"):
        assert SHOWN in (await anne.get(path)).text, path
        if path != PAGE:
            assert "no-store" in (kept := (await anne.get(path)).headers["cache-control"]) or (
                "private" in kept
            )
    assert (await luc.get(PAGE)).status_code == 403
    for other in (luc, place.browser()):
        for path in (f"/territoires/{TOWN}", "/palmares", f"/api/v1/territories/{TOWN}"):
            assert SHOWN not in (await other.get(path)).text
    assert (await place.browser().get(PAGE)).status_code == 303


async def test_deleting_is_for_good_and_of_one_s_own(place):
    anne, luc = await administrator(place), await colleague(place)
    await anne.post(PAGE, files=FILE)
    (held,) = place.store.declarations.of_territory(TOWN)
    assert (await luc.post(f"{PAGE}/{held.id}/supprimer")).status_code == 403
    place.store.declarations.remove("00104", held.id)
    assert place.store.declarations.of_territory(TOWN)
    assert (await anne.post(f"{PAGE}/{held.id}/supprimer")).status_code == 303
    assert place.store.declarations.of_territory(TOWN) == []
    assert SHOWN not in (await anne.get(f"/territoires/{TOWN}")).text


async def test_a_wrong_file_changes_nothing_and_names_line_and_column(visitor, store):
    await enter_as(visitor, "communication")
    wrong = SAMPLES[NAME].replace(b'"48"', b'"beaucoup"')
    answer = await visitor.post(PAGE, files={"fichier": (NAME, wrong)})
    assert answer.status_code == 422
    assert "Ligne 3, colonne « Reactions »" in text_of(answer.text)
    large = {"fichier": (NAME, b"x" * (3 * 1024 * 1024))}
    refused = await visitor.post(PAGE, files=large)
    assert (refused.status_code, "2 Mo" in text_of(refused.text)) == (413, True)
    assert store.declarations.of_territory(TOWN) == []


async def test_an_unread_page_can_be_declared(portal):
    words = text_of((await portal.get(f"/territoires/{TOWN}?reseau=facebook")).text)
    assert "Pour qu’il soit lu rien" not in words
    assert PAGE in (await portal.get(f"/territoires/{TOWN}?reseau=facebook")).text


async def test_an_account_that_no_network_opens_is_to_be_declared_and_never_awaited(
    portal, figures
):
    facebook = next(one for one in every_account() if one["network"] == "facebook")
    closed = [
        TerritoryAccount.model_validate(facebook | {"network": one, "account": one, "absent": {}})
        for one in ("linkedin", "snapchat")
    ]
    figures.given["territory_accounts"] = [TerritoryAccount.model_validate(facebook), *closed]
    words = text_of((await portal.get(f"/territoires/{TOWN}?vue=detaillee")).text)
    assert ("Non lu" in words, "Présent au registre, jamais lu" in words) == (True, True)
    assert "déclarer" not in words
    assert "Pas encore calculé" not in words


def kept(store, handle: str) -> str:
    identity = read_address(f"https://www.linkedin.com/company/{handle}")
    assert isinstance(identity, Identity)
    claim = Claim(identity, (Ownership(territory=TOWN),), Proof("team", "vu", NOW))
    return store.accounts.register(claim).account.account


async def test_a_file_that_names_no_account_is_of_the_only_one_of_its_network(visitor, store):
    await enter_as(visitor, "communication")
    file = {"fichier": ("linkedin.csv", SAMPLES["exemple-linkedin.csv"])}
    kept(store, "ville-d-essai")
    assert (await visitor.post(PAGE, files=file)).status_code == 200
    chosen = kept(store, "office-d-essai")
    assert (await visitor.post(PAGE, files=file)).status_code == 200
    held = store.declarations.of_territory(TOWN)
    assert sorted(one.account for one in held) == ["", "ville-d-essai"]
    wrong = await visitor.post(PAGE, files=FILE, data={"compte": chosen})
    assert wrong.status_code == 422
    said = text_of(wrong.text)
    assert ("vient de Facebook" in said, "est sur LinkedIn" in said) == (True, True)


def declared(day: str, interactions: int | None, name: str = "a") -> DeclaredFigures:
    post = DeclaredPost.model_validate({"id": name, "day": day, "interactions": interactions})
    return DeclaredFigures(network="linkedin", account="", tool="linkedin", posts=(post,))


def test_the_last_declaration_of_a_post_counts(store):
    store.declarations.declare(TOWN, [declared("2026-10-02", 4)], file="a.csv", by="anne")
    store.declarations.declare(TOWN, [declared("2026-10-02", None, "b")], file="b.csv", by="anne")
    (account,) = by_account(store.declarations.of_territory(TOWN))
    (month,) = account.months
    assert (month.period, month.posts, month.interactions) == ("2026-10", 2, 4)
    assert (month.views, month.followers, month.engagement) == (None, None, None)
    assert {one.declared_at for one in store.declarations.of_territory(TOWN)} == {NOW}


@pytest.mark.parametrize(
    ("views", "gained", "summed"),
    [
        ((300, 12), (4, -1), (312, 3)),
        ((300, None), (4, None), (None, None)),
        ((None, None), (None, None), (None, None)),
        ((0, 0), (0, 0), (0, 0)),
    ],
)
def test_a_sum_is_of_counters_that_are_all_said(store, views, gained, summed):
    told = DeclaredFigures(
        network="linkedin",
        account="",
        tool="linkedin",
        posts=tuple(
            DeclaredPost.model_validate({"id": str(n), "day": "2026-10-02", "views": one})
            for n, one in enumerate(views)
        ),
        days=tuple(
            DeclaredDay.model_validate({"day": f"2026-10-0{n}", "gained": one})
            for n, one in enumerate(gained, 1)
        ),
    )
    store.declarations.declare(TOWN, [told], file="a.csv", by="anne")
    ((month,),) = (one.months for one in by_account(store.declarations.of_territory(TOWN)))
    assert (month.views, month.gained) == summed


async def test_figures_are_read_and_summed_beside_the_loop_that_answers(visitor, monkeypatch):
    threads: list[int] = []

    def watched(found: object):
        threads.append(threading.get_ident())
        return by_account(found)

    for one in (declaring, territory):
        monkeypatch.setattr(one, "by_account", watched)
    await enter_as(visitor, "communication")
    for path in (PAGE, f"/territoires/{TOWN}"):
        assert (await visitor.get(path)).status_code == 200
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_one_file_is_read_at_a_time(visitor, monkeypatch):
    both = threading.Barrier(2)
    met: list[bool] = []

    def watched(*given: object):
        try:
            both.wait(0.05)
            met.append(True)
        except threading.BrokenBarrierError:
            both.reset()
        return reading.read(*given)

    monkeypatch.setattr(declaring, "read", watched)
    await enter_as(visitor, "communication")
    answers = await asyncio.gather(*(visitor.post(PAGE, files=FILE) for _ in range(2)))
    assert [one.status_code for one in answers] == [200, 200]
    assert met == []


def test_a_territory_holds_so_many(store):
    store.declarations.declare(TOWN, [declared("2026-10-02", 1)] * AT_MOST, file="", by="anne")
    with pytest.raises(ConflictError):
        store.declarations.declare(TOWN, [declared("2026-10-02", 1)], file="", by="anne")
