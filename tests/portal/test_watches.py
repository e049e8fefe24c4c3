import re
from datetime import timedelta
from html import unescape
from itertools import product
from urllib.parse import urlencode

import httpx
import pytest

from contracts.accounts import Ownership
from contracts.addresses import read_address
from contracts.channels import CHANNELS
from contracts.watches import Recipient, recipient_name
from libs.settings import Settings
from services.api.figures.queries import EngineUnavailable
from services.api.store import Claim, Proof, Store
from tests.api.answers import RecordedFigures
from tests.api.conftest import client_of, named
from tests.api.world import NOW
from tests.portal.test_pages import text_of

ADDRESS = "mailto:astreinte@essai-sur-onde.example"
TYPED = {
    "territory": "00101",
    "name": "Coupures d’eau",
    "purpose": "Prévenir l’astreinte du réseau d’eau",
    "any": "coupure d’eau\nfuite",
    "none": "Essai-les-Bains",
    "mode": "each",
    "cooldown": "60",
    "recipients": "astreinte@essai-sur-onde.example",
}


def mine(store: Store, watch: str) -> dict[str, str]:
    """Return how links and forms name the recipient."""
    return named(store, watch, ADDRESS)


async def made(portal: httpx.AsyncClient) -> str:
    answer = await portal.post("/veilles/nouvelle", data=TYPED | {"creer": "1"})
    assert answer.status_code == 303, text_of(answer.text)
    return answer.headers["location"].split("?")[0].rsplit("/", 1)[1]


def secret_of(store: Store) -> str:
    from sqlalchemy import select

    from services.api.store.models import MessageRow

    with store.database.reading() as session:
        mail = session.scalars(select(MessageRow)).one()
    assert mail.subject.startswith("[SIMULATION] ")
    assert mail.recipient == ADDRESS
    return re.findall(r"/veilles/confirmer/([\w-]+)", mail.text)[0]


def some_texts(figures: RecordedFigures) -> None:
    figures.texts = [
        {
            "subject": f"m{minutes}",
            "network": "bluesky",
            "address": f"https://bluesky.example/{minutes}",
            "published_at": NOW - timedelta(minutes=minutes),
            "text": text,
        }
        for minutes, text in (
            (5, "Encore une COUPURE D EAU rue de l’Essai"),
            (20, "Coupure d'eau à Essai les Bains, pas chez nous"),
            (50, "coupure d’eau depuis ce matin"),
            (300, "Une fuite devant la mairie"),
            (400, "Les fuites du gymnase"),
            (9 * 24 * 60, "coupure d’eau d’il y a neuf jours"),
        )
    ]


async def test_a_preview_says_how_often_it_would_have_written(portal, figures, store):
    some_texts(figures)
    answer = await portal.post("/veilles/nouvelle", data=TYPED | {"apercu": "1"})
    words = text_of(answer.text)
    assert "écrit 3 fois" in words
    assert "4 textes trouvés sur 5 textes lus" in words
    assert "5 d’habitants et de la presse" in words
    assert store.watches.all() == []


async def test_a_preview_is_what_the_deciders_would_have_done(portal, figures, store):
    """Reminders, quiet hours, and nothing of the territory's own accounts: as live."""
    identity = read_address("https://bsky.app/profile/mairie.example")
    owners = (Ownership(territory="00101"),)
    claim = Claim(identity, owners, Proof("file", "f", NOW), "verified")
    own = store.accounts.register(claim).account.account
    figures.texts = [
        *(said(minute, f"coupure d’eau, rue {minute}") for minute in range(600, 640)),
        said(5, "coupure d’eau de nos services", said_by="official", source=own),
        said(4, "coupure d’eau ailleurs", said_by="official", source="other"),
    ]
    hours = {"quiet_start": "08:35", "quiet_end": "09:00"}
    page = text_of(
        (await portal.post("/veilles/nouvelle", data=TYPED | hours | {"apercu": "1"})).text
    )
    messages = int(re.search(r"écrit (\d+) fois", page)[1])
    assert 2 <= messages <= 6, "the first, its reminders, the rest of the hour"
    assert "41 textes trouvés sur 42 textes lus" in page
    assert "40 d’habitants" in page
    assert "2 publications officielles" in page
    assert "1 × heures calmes" in page
    assert "1 texte attend" in page


@pytest.mark.parametrize("networks", [[], ["bluesky"], ["bluesky", "rss"]])
async def test_a_preview_and_its_watch_count_the_same_texts(portal, figures, store, networks):
    """What a network left out said is not read, and a watch of today promises no month."""
    figures.texts = [
        said(minute * 700, "coupure d’eau", network=network, said_by=by)
        for minute, (network, by) in enumerate(
            product(("bluesky", "rss", "mastodon"), ("others", "official", "others")), 1
        )
    ]
    typed = TYPED | {"networks": networks}
    tried = text_of((await portal.post("/veilles/nouvelle", data=typed | {"apercu": "1"})).text)
    asked = await portal.post("/veilles/nouvelle", data=typed | {"creer": "1"})
    page = text_of((await portal.get(asked.headers["location"])).text)
    assert store.watches.all()[0].query.networks == tuple(networks)
    others, official = (2 * (len(networks) or 3), len(networks) or 3)
    assert f"sur {others + official} textes lus" in tried
    for told in (tried, page):
        assert re.search(rf"\b{others}\b[^;.]*habitants.*?\b{official} publications? off", told)
    assert "0 texte trouvé depuis la création" in page
    assert "en 30 jours" not in page


async def test_what_found_nothing_in_29_days_is_said_before_it_is_made(portal, figures, store):
    figures.texts = [
        {**said(minute, "Encore une coupure d’électricité"), "subject": f"m{minute}"}
        for minute in (5, 20 * 24 * 60)
    ]
    typed = TYPED | {"any": "coupur électricité, électricité", "all": "Port-Mirage"}
    asked = await portal.post("/veilles/nouvelle", data=typed)
    page = text_of(asked.text)
    assert store.watches.all() == []
    assert "Rien trouvé en 29 jours" in page
    assert "coupure" in page.partition("Mots proches")[2][:60]
    assert "électricité » : 2 textes" in page
    tried = text_of((await portal.post("/veilles/nouvelle", data=typed | {"apercu": "1"})).text)
    assert "coupure" in tried.partition("Mots proches")[2][:60]
    made_anyway = await portal.post("/veilles/nouvelle", data=typed | {"muette": "1"})
    assert made_anyway.status_code == 303
    (watch,) = store.watches.all()
    changed = typed | {"any": "inondatoin", "settled": str(watch.settled)}
    asked = await portal.post(f"/veilles/{watch.watch}/modifier", data=changed)
    assert "Rien trouvé en 29 jours" in text_of(asked.text)
    assert store.watches.get(watch.watch).query == watch.query


async def test_a_watch_that_is_silent_says_why(portal, figures, store):
    figures.texts = [said(1, "coupure d’eau")]
    typed = TYPED | {"quiet_start": "08:00", "quiet_end": "09:30", "crisis": "urgence"}
    watch = (await portal.post("/veilles/nouvelle", data=typed)).headers["location"]
    watch = watch.partition("?")[0].rpartition("/")[2]
    figures.silences = [
        (watch, "quiet_hours", NOW - timedelta(minutes=10)),
        (watch, "quiet_hours", NOW - timedelta(minutes=5)),
        (watch, "own_account", NOW - timedelta(days=3)),
    ]
    page = text_of((await portal.get(f"/veilles/{watch}")).text)
    assert "2 textes retenus jusqu’à 9 h 30" in page
    assert "de 8 h 00 à 9 h 30, sauf pour urgence" in page
    assert "1 × publié par votre propre collectivité" in page
    assert "Facebook, " in page.partition("Ce que les habitants écrivent sur")[2]
    assert "Bluesky : lecture dans la seconde" in page
    assert "Cherché : #coupuredeau et #fuite." in page
    assert "Cherché : « coupure d’eau » et « fuite »." in page


async def test_a_watch_says_where_none_of_its_words_can_be_searched(portal, store):
    typed = TYPED | {"any": "inond*", "muette": "1", "creer": "1"}
    watch = (await portal.post("/veilles/nouvelle", data=typed)).headers["location"]
    page = text_of((await portal.get(watch)).text)
    assert "YouTube : aucun mot de cette veille ne peut y être cherché" in page
    assert "Mastodon : aucun mot de cette veille ne peut y être cherché" in page
    assert "Cherché :" not in page


async def test_the_list_of_watches_shows_what_each_told(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    assert "1 alerte en 30 jours, la dernière" in text_of((await portal.get("/veilles")).text)


def said(minutes: int, text: str, **fields: object) -> dict[str, object]:
    at = NOW - timedelta(minutes=minutes)
    return {
        "subject": f"m{minutes}",
        "network": "bluesky",
        "address": f"https://bluesky.example/{minutes}",
        "published_at": at,
        "text": text,
        **fields,
    }


async def test_a_proposal_looks_for_what_names_the_territory(portal):
    page = (await portal.get("/veilles/nouvelle?territoire=00104")).text
    fields = dict(re.findall(r'<textarea id="(any|all)".*?>(.*?)</textarea>', page))
    assert fields == {"any": "", "all": "Villemaquette"}
    assert "videz ce champ" in text_of(page)
    nowhere = (await portal.get("/veilles/nouvelle?territoire=99999")).text
    assert "Villemaquette" not in nowhere


async def test_from_the_form_to_a_confirmed_recipient(portal, store):
    watch = await made(portal)
    token = secret_of(store)
    asked = await portal.get(f"/veilles/confirmer/{token}")
    assert '<form method="post"' in asked.text
    assert not store.watches.get(watch).recipients[0].confirmed
    done = await portal.post(f"/veilles/confirmer/{token}")
    assert done.status_code == 200
    assert store.watches.get(watch).recipients[0].confirmed
    assert (await portal.post("/veilles/confirmer/inconnu")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"territory": "99999"}, "Aucune collectivité n’a ce nom"),
        ({"name": " "}, "Donnez un nom à la veille"),
        ({"purpose": ""}, "la loi demande une finalité"),
        ({"any": "\n \n"}, "Donnez au moins un mot"),
        ({"any": "x"}, "trop court"),
        ({"recipients": "pas une adresse"}, "Adresse non reconnue"),
        ({"quiet_start": "25h", "quiet_end": "7h"}, "Les heures calmes s’écrivent"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(portal, store, changes, fault):
    answer = await portal.post("/veilles/nouvelle", data=TYPED | changes | {"creer": "1"})
    assert answer.status_code == 422
    assert fault in text_of(answer.text)
    assert store.watches.all() == []


REAL = "« Ambérieu-en-Bugey » est une vraie collectivité"
LIKE = "Une commune semblable : Essai-témoin-39"


async def test_no_watch_bears_a_real_name_in_a_simulation(portal, figures, store):
    watch = await made(portal)
    before = store.watches.all()
    typed = TYPED | {"territory": "01004", "settled": "1"}
    answers = [
        await portal.get("/veilles/nouvelle?territoire=01004"),
        await portal.post("/veilles/nouvelle", data=typed | {"creer": "1"}),
        await portal.post("/veilles/nouvelle", data=typed | {"apercu": "1"}),
        await portal.post(f"/veilles/{watch}/modifier", data=typed | {"creer": "1"}),
    ]
    assert [one.status_code for one in answers] == [200, 422, 422, 422]
    for answer in answers:
        assert REAL in text_of(answer.text)
        assert LIKE in text_of(answer.text)
        assert 'href="/veilles/nouvelle?territoire=00239"' in answer.text
    new = {"territory": "01004", "name": "Eau", "purpose": "Astreinte", "query": {"any": ["eau"]}}
    refused = await portal.post("/api/v1/watches", json={"watch": new})
    assert refused.status_code == 422
    assert REAL in refused.json()["detail"]
    assert f"{LIKE} (00239)." in refused.json()["detail"]
    assert store.watches.all() == before
    figures.failure = EngineUnavailable("away")
    refused = await portal.post("/api/v1/watches", json={"watch": new})
    assert (refused.status_code, REAL in refused.json()["detail"]) == (422, True)


async def test_no_watch_bears_an_invented_name_in_a_live_installation(places, figures, store):
    new = {"territory": "00101", "name": "Eau", "purpose": "Astreinte", "query": {"any": ["eau"]}}
    token = "a-token-long-enough"
    settings = Settings(installation="live", operator_token=token)
    async with client_of(settings, places, figures, store) as live:
        bearer = {"authorization": f"Bearer {token}"}
        refused = await live.post("/api/v1/watches", json={"watch": new}, headers=bearer)
        assert refused.status_code == 422
        assert "« Essai-sur-Onde » est inventée" in refused.json()["detail"]
        new["territory"] = "01004"
        made_ = await live.post("/api/v1/watches", json={"watch": new}, headers=bearer)
        assert made_.status_code == 201
    assert [one.territory for one in store.watches.all()] == ["01004"]


def an_alert(figures: RecordedFigures, watch: str) -> None:
    figures.alerts[watch] = [
        {
            "alert": "alerte-1",
            "kind": "peak",
            "title": "Coupure d’eau · 14 en 20 min · Essai-sur-Onde",
            "why": "14 messages en 20 min parlent de « coupure d’eau » ; d’habitude 1.",
            "total": 14,
            "usual": 1,
            "window_minutes": 20,
            "group": "affaire-1",
            "watch_revision": 1,
            "raised_at": NOW,
            "deliveries": [
                {
                    "channel": "mailto",
                    "recipient": ADDRESS,
                    "outcome": "delivered",
                    "why": None,
                    "delivered_at": NOW + timedelta(seconds=0.6),
                }
            ],
        }
    ]
    figures.watches[watch] = [
        {
            "subject": "m1",
            "subject_kind": "mention",
            "network": "bluesky",
            "address": "https://bluesky.example/m1",
            "published_at": NOW - timedelta(seconds=2),
            "observed_at": NOW - timedelta(seconds=1.4),
            "matched_at": NOW - timedelta(seconds=1),
            "terms": ["coupure d’eau"],
            "title": None,
            "excerpt": "Encore une coupure d’eau",
            "state": "present",
        }
    ]


async def test_the_links_of_an_alert_are_pages_with_buttons(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    name = f"veille={watch}&destinataire={mine(store, watch)['destinataire']}"
    assert "Pourquoi" in (await portal.get(f"/alertes/alerte-1/pourquoi?{name}")).text
    looked = await portal.get(f"/alertes/alerte-1/vu?{name}")
    assert looked.status_code == 200
    assert store.acknowledgements.of_watch(watch) == {}
    await portal.post(f"/alertes/alerte-1/vu?{name}")
    assert set(store.acknowledgements.of_watch(watch)) == {"alerte-1"}
    assert "vue à 8 h 40" in text_of((await portal.get(f"/veilles/{watch}")).text)


@pytest.fixture
async def not_us(portal, figures, store):
    """Where « Ce n’est pas nous » of an alert is answered: 10 texts found, one of them its own."""
    watch = await made(portal)
    an_alert(figures, watch)
    figures.texts = [
        one | {"network": "rss"}
        for one in (
            said(1, "Encore une coupure d’eau, piscine de Bordeaux, la honte", subject="m1"),
            *(said(n, f"une coupure d’eau de la rue {n}", source=f"s{n}") for n in range(2, 10)),
            said(11, "une fuite à Bordeaux"),
            said(12, "rien de tel à la piscine"),
        )
    ]
    name = mine(store, watch)["destinataire"]
    return f"/alertes/alerte-1/pas-nous?veille={watch}&destinataire={name}"


def left_out(store: Store) -> tuple[tuple[str, ...], tuple[str, ...]]:
    (watch,) = store.watches.all()
    return watch.query.none, watch.ignored


async def test_not_us_proposes_says_what_it_leaves_out_and_is_taken_back(portal, not_us, store):
    asked = (await portal.get(not_us)).text
    offered = re.findall(r'value="mot:(\w+)"', asked)
    assert offered[0] == "piscine" or "piscine" in offered[:3]
    assert not {"coupure", "encore", "d’eau"} & set(offered)
    assert "écarterait 1 des 10 textes" in text_of(asked)
    would = await portal.post(not_us, data={"choix": "mot:Bordeaux"})
    assert "Écarter 2 des 10 textes trouvés" in text_of(would.text)
    assert left_out(store) == (("Essai-les-Bains",), ())
    done = await portal.post(not_us, data={"choix": "mot:Bordeaux", "confirme": "1"})
    assert "La veille a appris" in text_of(done.text)
    assert left_out(store) == (("Essai-les-Bains", "Bordeaux"), ())
    seal = re.search(r'name="retour" value="(\w+)"', done.text)[1]
    back = not_us.replace("pas-nous", "pas-nous/annuler")
    forged = {"choix": "mot:Essai-les-Bains", "retour": seal}
    assert (await portal.post(back, data=forged)).status_code == 404
    await portal.post(back, data={"choix": "mot:Bordeaux", "retour": seal})
    assert left_out(store) == (("Essai-les-Bains",), ())


@pytest.mark.parametrize(("choice", "out"), [("texte:m1", 1), ("source:s3", 1), ("source:s", 2)])
async def test_a_text_or_a_source_is_left_out(portal, not_us, store, choice, out):
    would = await portal.post(not_us, data={"choix": choice})
    assert f"Écarter {out} des 10 textes" in text_of(would.text)
    await portal.post(not_us, data={"choix": choice, "confirme": "1"})
    assert left_out(store) == (("Essai-les-Bains",), (choice.partition(":")[2],))


async def test_a_stream_of_everybody_is_no_source_to_leave_out(portal, not_us, figures, store):
    assert 'value="source:s"' in (await portal.get(not_us)).text
    figures.texts = [one | {"network": "bluesky", "source": "jetstream"} for one in figures.texts]
    assert 'value="source:' not in (await portal.get(not_us)).text
    for sure in ({}, {"confirme": "1"}):
        refused = await portal.post(not_us, data={"choix": "source:jetstream"} | sure)
        assert refused.status_code == 422
    assert left_out(store) == (("Essai-les-Bains",), ())


@pytest.mark.parametrize("word", ["de", "DE LA", "x", "🔥", "c’est"])
async def test_a_word_of_any_text_is_refused_and_nothing_typed_is_lost(portal, not_us, store, word):
    refused = await portal.post(not_us, data={"mot": word, "confirme": "1"})
    assert refused.status_code == 422
    assert f'value="{word}"' in refused.text
    assert left_out(store) == (("Essai-les-Bains",), ())


async def test_a_timeline_says_what_was_found_told_and_seen_in_order(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    name = f"veille={watch}&destinataire={mine(store, watch)['destinataire']}"
    await portal.post(f"/alertes/alerte-1/vu?{name}")
    file = await portal.get(f"/veilles/{watch}/chronologie.csv")
    assert [line.split(",")[1] for line in file.text.splitlines()] == [
        *("quoi", "envoi", "alerte", "vu", "texte"),
    ]
    assert "a…@essai-sur-onde.example" in file.text
    page = text_of((await portal.get(f"/veilles/{watch}/chronologie")).text)
    assert "vue par a…@essai-sur-onde.example" in page
    assert "Encore une coupure d’eau" in page
    sheets = await portal.get(f"/veilles/{watch}/chronologie.pdf")
    assert sheets.headers["content-type"] == "application/pdf"
    assert "simulation_chronologie_" in sheets.headers["content-disposition"]
    assert b"pdfuaid" in sheets.content


async def test_more_than_half_is_asked_again(portal, not_us):
    would = await portal.post(not_us, data={"mot": "rue"})
    assert "plus de la moitié" in text_of(would.text)


async def test_every_text_of_an_alert_is_read_searched_and_taken(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    (one,) = figures.watches[watch]
    figures.alerts[watch][0] |= {"total": 120, "window_minutes": None, "kind": "match"}
    early = {"alert": "alerte-0", "raised_at": NOW - timedelta(minutes=200)}
    figures.alerts[watch].append({**figures.alerts[watch][0], **early})
    figures.watches[watch] = [
        {
            **one,
            "subject": f"m{n}",
            "excerpt": f"texte {n}",
            "published_at": NOW - timedelta(minutes=n),
            "matched_at": NOW - timedelta(minutes=n),
        }
        for n in range(300)
    ]
    name = f"veille={watch}&destinataire={mine(store, watch)['destinataire']}"
    seen: list[str] = []
    for number in (1, 2, 3, 4):
        shown = (await portal.get(f"/alertes/alerte-1/pourquoi?{name}&page={number}")).text
        seen += re.findall(r"texte (\d+)<br>", shown)
    assert seen == [str(n) for n in range(200)]
    assert "page 4 sur 4" in text_of(shown)
    found = await portal.get(f"/alertes/alerte-1/pourquoi?{name}&mots=texte+17")
    assert re.findall(r"texte (\d+)<br>", found.text) == ["17"]
    for address in (
        f"/alertes/alerte-1/textes.csv?{name}",
        f"/veilles/{watch}/alertes/alerte-1/textes.csv",
    ):
        file = await portal.get(address)
        assert len(file.text.splitlines()) == 201
        assert "simulation_alerte" in file.headers["content-disposition"]
    stranger = f"veille={watch}&destinataire=inconnu"
    assert (await portal.get(f"/alertes/alerte-1/textes.csv?{stranger}")).status_code == 404


async def test_texts_that_say_the_same_are_shown_once_with_all_their_links(portal, figures):
    watch = await made(portal)
    an_alert(figures, watch)
    (one,) = figures.watches[watch]
    said = ["Plus d’eau au robinet rue Basse", "PLUS D’EAU au robinet, rue Basse !", "Et ici aussi"]
    figures.watches[watch] = [
        one | {"subject": f"m{n}", "excerpt": text, "address": f"https://bluesky.example/m{n}"}
        for n, text in enumerate([*said, said[0]])
    ]
    page = (await portal.get(f"/veilles/{watch}")).text
    assert len(re.findall(r"(?i)plus d’eau au robinet", page)) == 1
    assert "Le même texte, 2\u00a0autres fois" in page
    assert "Et ici aussi" in page
    assert all(f"https://bluesky.example/m{n}" in page for n in range(4))


@pytest.mark.parametrize(
    ("word", "sought"),
    [
        ("essai sur onde", "Essai-sur-Onde"),
        ("Onde", "Essai-sur-Onde"),
        ("Rue de l'Écluse", "rue de l’écluse"),
        ("FUITE", "fuite"),
        ("eau", "coupure d’eau"),
    ],
)
async def test_not_us_cannot_blind_the_watch(portal, figures, store, word, sought):
    answer = await portal.post("/veilles/nouvelle", data=TYPED | {"all": "rue de l’écluse"})
    watch = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    an_alert(figures, watch)
    name = mine(store, watch)["destinataire"]
    address = f"/alertes/alerte-1/pas-nous?veille={watch}&destinataire={name}"
    refused = await portal.post(address, data={"mot": word, "confirme": "1"})
    assert refused.status_code == 422
    assert f"Cette veille suit « {sought} »" in text_of(refused.text)
    assert store.watches.get(watch).query.none == ("Essai-les-Bains",)
    longer = await portal.post(address, data={"mot": "fuite de gaz"})
    assert longer.status_code == 200


@pytest.mark.parametrize("page", ["pourquoi", "vu", "pas-nous"])
async def test_a_stranger_sees_no_alert(portal, figures, page, store):
    watch = await made(portal)
    an_alert(figures, watch)
    own = mine(store, watch)["destinataire"]
    for of, who in (
        (watch, ""),
        (watch, recipient_name("mailto:autre@ailleurs.example")),
        ("", own),
        ("une-autre", own),
    ):
        answer = await portal.get(f"/alertes/alerte-1/{page}?veille={of}&destinataire={who}")
        assert answer.status_code == 404
    assert "watch_alerts" not in figures.asked, "nothing is read for a stranger"


async def test_leaving_takes_a_button(portal, store):
    watch = await made(portal)
    address = f"/veilles/{watch}/desinscription?{urlencode(mine(store, watch))}"
    assert "<button>" in (await portal.get(address)).text
    assert len(store.watches.get(watch).recipients) == 1
    assert (await portal.post(address)).status_code == 200
    assert store.watches.get(watch).recipients == ()


async def test_a_form_from_another_site_is_refused(portal, store):
    answer = await portal.post(
        "/veilles/nouvelle", data=TYPED, headers={"origin": "https://ailleurs.example"}
    )
    assert answer.status_code == 403
    assert store.watches.all() == []


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        (None, {}, 403),
        ("s3cret-of-the-operator", {}, 401),
        ("s3cret-of-the-operator", {"authorization": "Bearer faux"}, 401),
        ("s3cret-of-the-operator", {"authorization": "Bearer s3cret-of-the-operator"}, 200),
        (
            "s3cret-of-the-operator",
            {"authorization": "Basic YWdlbnQ6czNjcmV0LW9mLXRoZS1vcGVyYXRvcg=="},
            200,
        ),
        ("s3cret-of-the-operator", {"authorization": "Basic ???"}, 401),
    ],
)
async def test_live_watches_need_the_operators_token(places, figures, store, token, given, status):
    settings = Settings(installation="live", operator_token=token)
    async with client_of(settings, places, figures, store) as client:
        for path in ("/veilles", "/api/v1/watches"):
            answer = await client.get(path, headers=given)
            to_enter = path == "/veilles" and status == 401 and not given
            assert answer.status_code == (303 if to_enter else status)
        assert answer.headers["cache-control"] == "no-store"
        for act in ("pause", "resume", "end"):
            moved = await client.post(f"/api/v1/watches/unknown/{act}", headers=given)
            assert moved.status_code == (404 if status == 200 else status)


async def test_slack_is_found_on_the_form_and_its_secret_nowhere(portal, places, figures, store):
    """Also in a live installation, whose operator sees whole mailboxes."""
    hook = "https://hooks.slack.com/services/T0ESSAI/B0ONDE/s3cr3tsecret"
    shown = (await portal.get("/veilles/nouvelle")).text
    form = unescape(text_of(shown))
    folds = shown.partition('<details class="help"><summary>Ou par')
    more = unescape(text_of(folds[2].partition("</details>")[0]))
    for channel in CHANNELS:
        assert f"{channel.label} : {channel.example_given}" in form
        folded = f"{channel.label} : {channel.example_given}" in more
        assert folded is (channel is not CHANNELS[0])
        assert " ".join(channel.where.split()) in form
    typed = TYPED | {"recipients": f"anne@essai.example\n{hook}", "creer": "1"}
    answer = await portal.post("/veilles/nouvelle", data=typed)
    watch = store.watches.all()[0]
    assert [one.address for one in watch.recipients] == [
        "mailto:anne@essai.example",
        "slack://T0ESSAI/B0ONDE/s3cr3tsecret",
    ]
    page = (await portal.get(answer.headers["location"])).text
    assert "Slack B0ONDE" in page
    settings = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(settings, places, figures, store) as live:
        bearer = {"authorization": "Bearer s3cret-of-the-operator"}
        shown = (await live.get(f"/api/v1/watches/{watch.watch}", headers=bearer)).text
    assert "mailto:anne@essai.example" in shown
    assert "slack://T0ESSAI/B0ONDE/…" in shown
    assert "s3cr3t" not in page + shown


async def test_watches_over_rest(portal, store):
    new = {
        "watch": {
            "territory": "00101",
            "name": "Eau",
            "purpose": "Astreinte",
            "query": {"any": ["coupure d’eau"]},
        },
        "recipients": ["mailto:a@essai.example"],
    }
    made_ = await portal.post("/api/v1/watches", json=new)
    assert made_.status_code == 201, made_.text
    watch = made_.json()["watch"]
    masked = [Recipient(address="mailto:a…@essai.example").model_dump(mode="json")]
    assert made_.json()["recipients"] == masked
    assert store.watches.get(watch).recipients[0].address == "mailto:a@essai.example"
    assert (await portal.get(f"/api/v1/watches/{watch}")).json() == made_.json()
    assert [one["watch"] for one in (await portal.get("/api/v1/watches")).json()] == [watch]
    wrong = await portal.post("/api/v1/watches", json={**new, "recipients": ["fax:1"]})
    assert wrong.status_code == 422
    nowhere = {**new, "watch": {**new["watch"], "territory": "nowhere"}}
    assert (await portal.post("/api/v1/watches", json=nowhere)).status_code == 422
    for act, state in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        moved = await portal.post(f"/api/v1/watches/{watch}/{act}")
        assert (moved.status_code, moved.json()["state"]) == (200, state)
        assert moved.json()["recipients"] == (masked if act != "end" else [])
        assert [one.state for one in [store.watches.get(watch)] if one] == [state]
        assert (await portal.post(f"/api/v1/watches/unknown/{act}")).status_code == 404
    assert (await portal.post(f"/api/v1/watches/{watch}/resume")).status_code == 409
