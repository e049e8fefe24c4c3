import re
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.networks import NETWORKS
from libs.settings import Settings
from services.api.figures.queries import EngineUnavailable
from services.api.pages.desk import rights
from services.api.web.rendering import FOLDER
from tests.api import world
from tests.api.conftest import client_of

ESSAI = "/territoires/00101"
PAGES = [
    "/",
    "/recherche?q=essai",
    "/recherche?q=zzzz",
    ESSAI,
    "/territoires/00103",
    "/territoires/62498",
    "/territoires/000000001",
    "/palmares",
    "/palmares?categorie=metropoles",
    "/palmares?categorie=regions",
    "/sources",
    "/donnees",
    "/mentions-legales",
    "/vos-droits",
    "/accessibilite",
    "/signaler?adresse=/palmares",
    "/officiel?adresse=https://www.instagram.com/ville",
    "/methodologie",
    "/veilles",
    "/veilles/nouvelle",
    "/apprendre/faire-reagir",
    "/rapports/mensuel/00101",
]


SCRIPT = '<script src="/static/recherche.js" defer>'
"""The one script: it proposes territories while somebody types."""


def text_of(page: str) -> str:
    """The words of a page, without its pictures, on one line, spaces as typed."""
    words = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.S)
    return re.sub(r"[\s\u00a0\u202f]+", " ", words)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_of_a_simulation_is_marked(portal, path):
    answer = await portal.get(path)
    assert answer.status_code == 200
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "<title>[SIMULATION]" in answer.text
    assert 'class="simulation"' in answer.text
    assert re.findall("<script[^>]*>[^<]*", answer.text) == [SCRIPT]


@pytest.mark.parametrize("path", PAGES)
async def test_french_signs_stand_after_no_break_spaces(portal, path):
    page = re.sub(r"<svg.*?</svg>|<code>.*?</code>", "", (await portal.get(path)).text, flags=re.S)
    assert not re.search(r"\w [;!?»](?=[\s<])|« ", page)


@pytest.mark.parametrize(
    ("code", "family"), [("00103", "pas assez de publications"), ("00106", "de notre fait")]
)
async def test_an_unranked_account_says_of_which_family_it_is(portal, code, family):
    words = text_of((await portal.get(f"/territoires/{code}")).text)
    assert f"Non classé : {family}" in words
    assert "Vérifier ce score" not in words


async def test_few_posts_are_given_over_ninety_days(portal):
    words = text_of((await portal.get("/territoires/00103")).text)
    assert re.search(r"90 jours[^:]*: \d+ publications", words)


async def test_a_real_territory_shows_facts_only(portal, figures):
    words = text_of((await portal.get("/territoires/62498")).text)
    assert "Lens (Pas-de-Calais)" in words
    assert "Mesures : aucune dans cette démonstration." in words
    assert "Voir une commune semblable →" in words
    assert "sur 100" not in words
    assert set(figures.asked) == {"territory_list"}


async def test_a_former_commune_leads_to_the_present_one(portal):
    answer = await portal.get("/territoires/13201")
    assert (answer.status_code, answer.headers["location"]) == (301, "/territoires/13055")


def test_no_title_of_a_page_has_marks_of_html():
    for one in Path(FOLDER / "templates").glob("*.html"):
        title = re.search(r"block title %}(.*?){% endblock", one.read_text("utf-8"), re.DOTALL)
        assert title is None or "<" not in title[1], one.name


async def test_one_match_opens_at_once(portal):
    answer = await portal.get("/recherche", params={"q": "Port-Mirage"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/territoires/00102")


async def test_the_home_offers_six_doors_in_a_simulation_only(portal, places, figures, store):
    assert (await portal.get("/")).text.count("<li><a href") >= 6
    async with client_of(Settings(installation="live"), places, figures, store) as live:
        page = (await live.get("/")).text
    assert "Entrer comme" not in page
    assert "SIMULATION" not in page


async def test_fewer_than_ten_are_a_list_without_ranks(portal):
    words = text_of((await portal.get("/palmares?categorie=metropoles")).text)
    assert "la liste est sans rang" in words
    assert "Clairmesure Métropole" in words


async def test_the_top_has_no_ascending_sort(portal):
    page = (await portal.get("/palmares")).text
    ranks = [int(rank) for rank in re.findall(r'class="n rank"><data value="(\d+)"', page)]
    assert ranks == sorted(ranks)
    assert not re.search(r"[?&](tri|sort|ordre|order)=", page)


async def test_an_electoral_period_mutes_frequency_advice(portal):
    words = text_of((await portal.get(ESSAI)).text)
    assert re.search(r"Rythme d’avant[^:]*: [\d,]+ publications", words)
    assert "Trois fois par semaine" not in words


SHORT = {
    "periods", "territory_accounts", "territory_months", "month_cells", "network_uses",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (ESSAI, {"account_kpis", "month_medians", "peers", "bareme_knots"}),
        (f"{ESSAI}?periode=2026-09", {"account_kpis", "month_medians"}),
        ("/territoires/00103", set()),
        ("/territoires/00106", set()),
    ],
)
async def test_a_short_page_asks_the_engine_what_it_speaks_of(portal, figures, path, more):
    await portal.get(f"{path}{'&' if '?' in path else '?'}vue=simple")
    assert {*figures.asked} == SHORT | more
    assert len(figures.asked) == len(SHORT | more) + 1, "periods, which is kept, is read twice"


async def test_every_picture_is_marked_and_has_its_table(portal):
    page = (await portal.get(ESSAI)).text
    pictures = re.findall(r'<img src="(/graphiques/[^"]+)" alt="[^"]+"', page)
    assert len(pictures) >= 5
    for address in pictures:
        picture = await portal.get(address.replace("&amp;", "&"))
        assert ">SIMULATION</text>" in picture.text
    assert page.count("Les chiffres, et les emporter") == len(pictures)


async def test_a_picture_can_be_taken_away(portal):
    address = "/graphiques/score_history/00101-bluesky"
    svg = await portal.get(f"{address}.svg?periode=2026-10")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "SIMULATION" in svg.text
    assert "simulation_score_history" in svg.headers["content-disposition"]
    png = await portal.get(f"{address}.png?periode=2026-10")
    assert png.content.startswith(b"\x89PNG")
    assert (await portal.get("/graphiques/ranking/00101-bluesky.svg")).status_code == 404
    assert (await portal.get("/graphiques/score_history/nobody.svg")).status_code == 404


async def test_an_engine_away_gives_a_page(portal, figures):
    figures.failure = EngineUnavailable("refused")
    answer = await portal.get(ESSAI)
    assert answer.status_code == 503
    assert "Rien n’est perdu" in text_of(answer.text)


async def test_an_unknown_page_is_a_page(portal):
    answer = await portal.get("/nulle-part")
    assert answer.status_code == 404
    assert "Introuvable" in answer.text


async def test_a_lesson_cannot_lead_out_of_its_folder(portal):
    assert (await portal.get("/apprendre/..%2F..%2Fapp")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        ESSAI,
        "/api/v1/territories/00101",
        "/api/v1/rankings.csv?network=bluesky",
        "/api/v1/accounts/00101-bluesky/posts",
    ],
)
async def test_nothing_made_up_leads_to_a_real_account(portal, path):
    text = (await portal.get(path)).text
    hosts = {host.lower() for host in re.findall(r"https?://([\w.-]+)", text)}
    known = ("instagram.com", "facebook.com", "bsky.app", "youtube.com", "mastodon.social")
    assert any(host.endswith(".example") for host in hosts)
    assert [host for host in hosts if host.endswith(known)] == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/palmares?reseau=xx", "reseau = xx."),
        ("/palmares?network=bluesky", "network = bluesky."),
        ("/palmares?categorie=hameaux&departement=999", "categorie = hameaux ; departement = 999."),
        (f"{ESSAI}?reseau=xx", "réseau « xx ». Voici Bluesky."),
        (f"{ESSAI}?reseau=instagram", "Aucun compte à montrer ici sur Instagram"),
    ],
)
async def test_a_filter_that_is_not_known_is_told(portal, path, said):
    assert said in text_of((await portal.get(path)).text)


async def test_what_is_known_is_not_told_as_ignored(portal):
    page = await portal.get("/palmares?reseau=bluesky&categorie=&periode=2026-10&departement=001")
    assert "ignoré" not in page.text
    assert "ignoré" not in (await portal.get(f"{ESSAI}?reseau=mastodon")).text


async def test_a_month_without_scores_leads_to_one_that_has(portal):
    page = (await portal.get(f"{ESSAI}?periode=2020-03")).text
    assert "en mars 2020" in text_of(page)
    assert '<a href="?periode=2026-10">' in page


async def test_a_territory_leads_to_its_palmares_and_to_a_watch(portal):
    page = (await portal.get(ESSAI)).text
    cell = "/palmares?reseau=bluesky&amp;categorie=petites-villes&amp;periode=2026-10"
    assert f'<a href="{cell}">' in page
    assert '<a href="/veilles/nouvelle?territoire=00101">' in page


async def test_a_territory_without_account_leads_to_one_alike(portal, figures):
    figures.given["territory_accounts"] = []
    words = text_of((await portal.get("/territoires/00103")).text)
    assert "Aucun compte connu." in words
    assert "Voir une commune semblable : Port-Mirage" in words


async def test_an_account_of_a_network_that_is_not_observed_is_shown_like_another(portal, figures):
    known = world.every_account()
    one = next(row for row in known if row["home_territory"] == "00101")
    present = [
        {
            **one,
            "account": f"presence-{slug}",
            "network": slug,
            "handle": "essai",
            "followers": None,
        }
        for slug in ("linkedin", "x", "threads", "un-inconnu")
    ]
    figures.given["territory_accounts"] = [*present, one]
    answer = await portal.get("/territoires/00101")
    assert answer.status_code == 200
    assert all(name in answer.text for name in ("LinkedIn", "Threads", "un-inconnu"))


async def test_an_account_that_only_its_owner_opens_says_how_to_connect_it(portal, figures):
    known = world.every_account()
    one = next(row for row in known if row["home_territory"] == "00101")
    owned = {
        **one, "account": "owned", "network": "tiktok", "handle": "essai",
        "followers": None, "observed_at": None,
    }  # fmt: skip
    figures.given["territory_accounts"] = [owned, one]
    page = (await portal.get("/territoires/00101?vue=detaillee")).text
    assert "Lu si son titulaire le connecte" in text_of(page)
    assert "/equipe/00101/connecter#compte-owned" not in page
    assert "TikTok" not in text_of(page).partition("Aucun compte connu sur")[2]


async def test_rights_say_for_how_long_each_network_lets_counters_be_kept(portal, monkeypatch):
    told = [replace(one, retention_days=12) if one.slug == "x" else one for one in NETWORKS]
    monkeypatch.setattr(rights, "NETWORKS", told)
    words = text_of((await portal.get("/vos-droits")).text)
    assert "YouTube (30 jours)" in words
    assert "X (12 jours)" in words
