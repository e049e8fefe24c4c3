"""The page of open data: every link gives what it says, and it says what may be written."""

import hashlib
import re
from html import unescape

import httpx

from contracts.networks import NETWORKS, SCORED
from libs.settings import Settings
from services.api.pages.choices import CATEGORIES
from services.api.web.openapi import OPERATIONS
from tests.api.conftest import client_of
from tests.portal.test_pages import text_of

PAGE = "/donnees"


async def links_of(portal: httpx.AsyncClient, page: str = PAGE) -> list[str]:
    found = re.findall(r'href="(/api/[^"]+)"', (await portal.get(page)).text)
    return [unescape(one) for one in found]


async def test_every_file_offered_is_there(portal):
    links = await links_of(portal)
    assert len(links) > 3 * len(SCORED) + 10
    for link in links:
        answer = await portal.get(link)
        assert answer.status_code == 200, link
        assert ("excel" in link) is answer.content.startswith(b"\xef\xbb\xbf")


async def test_there_is_a_file_a_scored_network_and_a_reason_for_the_others(portal):
    page = (await portal.get(PAGE)).text
    for network in NETWORKS:
        there = f"/months/2026-10/{network.slug}.csv" in page
        assert there is network.scored
    words = text_of(page)
    assert "Les conditions de YouTube interdisent" in words
    assert words.count("Pas de fichier.") == len(NETWORKS) - len(SCORED)
    assert words.count("pas de compteurs") == 1, "the feeds, not a network that publishes some"


async def test_digests_shown_are_those_of_the_files(portal):
    page = (await portal.get(PAGE)).text
    for variant in ("", "?variant=excel"):
        content = (await portal.get(f"/api/v1/months/2026-10/mastodon.csv{variant}")).content
        assert hashlib.sha256(content).hexdigest() in page


async def test_another_month_is_a_link_away(portal):
    page = (await portal.get(f"{PAGE}?periode=2026-09")).text
    assert "Les fichiers de septembre 2026" in text_of(page)
    assert "/months/2026-09/bluesky.csv" in page
    assert "/months/2026-10/" not in page
    unknown = text_of((await portal.get(f"{PAGE}?periode=2031-01")).text)
    assert "Les fichiers d’octobre 2026" in unknown


SAID = (
    "Ce que ces chiffres ne disent pas",
    "Journal des révisions",
    'Les codes y sont écrits ="01001"',
    "0.041 se lit 4,1 %",
    "SIMULATION, chiffres inventés",
    "provisoires, révision 1, méthodologie 2026-2, empreinte 0000",
    "consulté le mardi 24 novembre 2026",
    "(5 × note_taux_d_engagement + 4 × note_portee + ",
    " + 1 × note_ratio_abonnes_abonnements) ÷ 15",
    "non : ses notes, exactes, donneraient les abonnés",
    "aucun compteur dans nos fichiers",
    "Bluesky, Mastodon",
    "7 points sur 15",
    "sha256sum --check --ignore-missing",
    *(summary for summary, _ in OPERATIONS.values()),
    *(f"{code} : {label}" for code, label in CATEGORIES),
)


async def test_it_says_what_may_be_written(portal):
    words = text_of(unescape((await portal.get(PAGE)).text))
    assert [said for said in SAID if said not in words] == []


async def test_every_address_of_the_api_is_documented_here(portal):
    page = (await portal.get(PAGE)).text
    description = (await portal.get("/api/v1/openapi.json")).json()
    for path in description["paths"]:
        assert f"{path}</code>" in page


async def test_every_anchor_leads_to_a_section(portal):
    page = (await portal.get(PAGE)).text
    anchors = re.findall(r'href="#([a-z]+)"', page.partition("<main")[2])
    assert len(anchors) == 9
    for anchor in anchors:
        assert f'<section id="{anchor}"' in page
        assert f'aria-labelledby="titre-{anchor}"' in page
        assert f'<h2 id="titre-{anchor}">' in page


async def test_before_the_first_month_it_is_a_page(portal, figures):
    figures.given["periods"] = []
    answer = await portal.get(PAGE)
    assert answer.status_code == 200
    assert "Aucun mois n’est encore calculé" in text_of(answer.text)


async def test_a_live_installation_does_not_cite_a_simulation(places, figures, store):
    async with client_of(Settings(installation="live"), places, figures, store) as client:
        assert "SIMULATION" not in (await client.get(PAGE)).text
