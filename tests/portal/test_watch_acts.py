"""A watch is changed by buttons: paused, ended, modified, tried; recipients asked again."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select

from contracts.watches import TERMS_AT_MOST
from libs.settings import Settings
from services.api.store import Store
from services.api.store.invitation_limits import PER_ADDRESS
from services.api.store.models import MessageRow
from services.api.watching.proof_of_life import ProofOfLife
from tests.api.conftest import client_of, named
from tests.api.world import NOW
from tests.portal.test_pages import text_of
from tests.portal.test_watches import ADDRESS, TYPED, an_alert, made, secret_of, some_texts

SLACK = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"


def mine(store: Store, watch: str) -> dict[str, str]:
    """Return how links and forms name the recipient."""
    return named(store, watch, ADDRESS)


def mails(store: Store) -> list[MessageRow]:
    with store.database.reading() as session:
        return list(session.scalars(select(MessageRow).order_by(MessageRow.due_at)))


def ending(store: Store, watch: str) -> str:
    """Return what the links of an alert end with, for the recipient."""
    return urlencode({"veille": watch} | mine(store, watch))


async def words(portal: httpx.AsyncClient, path: str) -> str:
    return text_of((await portal.get(path)).text)


def settled(store: Store, watch: str) -> dict[str, str]:
    """What a form opened now bears of its watch."""
    return {"settled": str(store.watches.get(watch).settled)}


async def follow(portal: httpx.AsyncClient, path: str, **form: str) -> str:
    """Press a button, and return the words of the page that it leads to."""
    answer = await portal.post(path, data=form)
    assert answer.status_code == 303, text_of(answer.text)
    return await words(portal, answer.headers["location"])


async def test_a_watch_is_paused_and_resumed(portal, store):
    watch = await made(portal)
    paused = await follow(portal, f"/veilles/{watch}/pause")
    assert "La veille est en pause" in paused
    assert "Reprendre" in paused
    assert "Mettre en pause" not in paused
    assert store.watches.get(watch).state == "paused"
    assert "La veille reprend" in await follow(portal, f"/veilles/{watch}/reprise")
    assert store.watches.get(watch).state == "active"


async def test_an_end_is_asked_and_is_a_state(portal, store):
    watch = await made(portal)
    asked = await portal.get(f"/veilles/{watch}/fin")
    assert "ne pourra pas reprendre" in text_of(asked.text)
    assert f'<a href="/veilles/{watch}">Annuler</a>' in asked.text
    assert store.watches.get(watch).state == "active"
    ended = await follow(portal, f"/veilles/{watch}/fin")
    assert "La veille est terminée" in ended
    assert "Envoyer un message d’essai" not in ended
    assert store.watches.get(watch).state == "ended"
    for act in ("pause", "reprise", "fin", "essai", "modifier"):
        assert (await portal.post(f"/veilles/{watch}/{act}", data=TYPED)).status_code == 409


async def test_a_watch_is_modified_and_keeps_what_the_form_does_not_say(portal, figures, store):
    new = {
        "territory": "00101",
        "name": "Eau",
        "purpose": "Astreinte",
        "query": {"any": ["fuite"], "networks": ["bluesky"]},
        "mode": "peak",
        "window_minutes": 20,
        "timezone": "Indian/Reunion",
        "quiet": {"start": 1320, "end": 420, "crisis_terms": ["évacuation"]},
    }
    body = {"watch": new, "recipients": [ADDRESS]}
    watch = (await portal.post("/api/v1/watches", json=body)).json()["watch"]
    before = store.watches.get(watch)
    form = (await portal.get(f"/veilles/{watch}/modifier")).text
    assert '<option value="20" selected>20 minutes</option>' in form
    assert 'name="recipients"' not in form
    typed = {
        **TYPED,
        "any": "fuite\ncoupure d’eau",
        "none": "",
        "mode": "peak",
        "window": "20",
        "sensitivity": "strict",
        "quiet_start": "22:00",
        "quiet_end": "07:00",
        "crisis": "évacuation",
        **settled(store, watch),
    }
    some_texts(figures)
    looked = await portal.post(f"/veilles/{watch}/modifier", data=typed | {"apercu": "1"})
    assert "textes trouvés" in text_of(looked.text)
    assert store.watches.get(watch) == before
    assert "La veille est modifiée" in await follow(portal, f"/veilles/{watch}/modifier", **typed)
    after = store.watches.get(watch)
    assert after.query.any == ("fuite", "coupure d’eau")
    assert after.sensitivity == "strict"
    kept = ("window_minutes", "timezone", "quiet", "recipients", "state", "created_at")
    assert [getattr(after, one) for one in kept] == [getattr(before, one) for one in kept]
    assert after.query.networks == ("bluesky",)
    wrong = await portal.post(
        f"/veilles/{watch}/modifier", data=typed | settled(store, watch) | {"any": "x"}
    )
    assert wrong.status_code == 422
    assert store.watches.get(watch) == after


async def test_nobody_is_asked_to_confirm_without_end(portal, store):
    watch = await made(portal)
    more = f"/veilles/{watch}/destinataires"
    again, gone = f"{more}/renvoi", f"{more}/retrait"
    for _ in range(PER_ADDRESS - 1):
        assert (await portal.post(again, data=mine(store, watch))).status_code == 303
    refused = await portal.post(again, data=mine(store, watch))
    assert refused.status_code == 429
    assert "une heure" in text_of(refused.text)
    assert refused.headers["retry-after"] == "3600"
    await portal.post(gone, data=mine(store, watch))  # forgetting the address is no way round
    back = await portal.post(
        f"/veilles/{watch}/destinataires", data={"adresse": TYPED["recipients"]}
    )
    assert back.status_code == 429
    other = await portal.post(
        f"/veilles/{watch}/destinataires", data={"adresse": "b@essai.example"}
    )
    assert other.status_code == 303
    assert len(mails(store)) == PER_ADDRESS + 1


async def test_a_recipient_is_asked_again_added_and_removed(portal, store):
    watch = await made(portal)
    first = secret_of(store)
    said = await follow(portal, f"/veilles/{watch}/destinataires/renvoi", **mine(store, watch))
    assert "demande de confirmation est renvoyée" in said
    assert (await portal.post(f"/veilles/confirmer/{first}")).status_code == 404
    assert len(mails(store)) == 2
    await follow(portal, f"/veilles/{watch}/destinataires", adresse=f"b@essai.example\n{SLACK}")
    assert [one.address for one in store.watches.get(watch).recipients] == [
        ADDRESS,
        "mailto:b@essai.example",
        SLACK,
    ]
    assert len(mails(store)) == 4
    await follow(portal, f"/veilles/{watch}/destinataires/retrait", **mine(store, watch))
    assert ADDRESS not in [one.address for one in store.watches.get(watch).recipients]
    wrong = await portal.post(
        f"/veilles/{watch}/destinataires", data={"adresse": "pas une adresse"}
    )
    assert wrong.status_code == 422
    assert "Adresse non reconnue : « pas une adresse »" in text_of(wrong.text)


async def test_an_exercise_goes_to_those_who_confirmed_alone(portal, store):
    watch = await made(portal)
    nobody = await portal.post(f"/veilles/{watch}/essai")
    assert "Aucun destinataire n’a encore confirmé" in text_of(nobody.text)
    await portal.post(f"/veilles/confirmer/{secret_of(store)}")
    await follow(portal, f"/veilles/{watch}/destinataires", adresse="b@essai.example")
    before = {one.id for one in mails(store)}
    done = await portal.post(f"/veilles/{watch}/essai")
    assert "1 destinataire confirmé reçoit" in text_of(done.text)
    (mail,) = [one for one in mails(store) if one.id not in before]
    assert (mail.recipient, mail.kind) == (ADDRESS, "watch_exercise")
    assert mail.subject == "[SIMULATION] EXERCICE · Coupures d’eau"
    for text in (mail.text, mail.html):
        assert "EXERCICE" in text
        assert f"/veilles/{watch}/desinscription?{urlencode(mine(store, watch))}" in text


@pytest.mark.parametrize(
    "act", ["pause", "fin", "essai", "destinataires", "destinataires/retrait", "modifier"]
)
async def test_acts_need_the_operators_token_when_live(places, figures, store, act):
    settings = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(settings, places, figures, store) as client:
        assert (await client.post(f"/veilles/w/{act}", data=TYPED)).status_code == 401


async def test_addresses_are_masked_but_to_the_operator(portal, places, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    await follow(portal, f"/veilles/{watch}/destinataires", adresse=SLACK)
    page = (await portal.get(f"/veilles/{watch}")).text
    assert "a…@essai-sur-onde.example" in page
    assert "Slack B0ONDE" in page
    for hidden in ("astreinte@essai", "mailto:", "slack://", "s3cr3tsecret"):
        assert hidden not in page
    assert "s3cr3tsecret" not in (await portal.get("/api/v1/watches")).text
    settings = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(settings, places, figures, store) as client:
        headers = {"authorization": "Bearer s3cret-of-the-operator"}
        whole = (await client.get(f"/veilles/{watch}", headers=headers)).text
        assert "envoyée à astreinte@essai-sur-onde.example" in text_of(whole)
        assert "mailto:" not in whole
        told = (await client.get(f"/api/v1/watches/{watch}", headers=headers)).json()
        assert told["recipients"][0]["address"] == ADDRESS


async def test_a_watch_without_alert_says_that_it_reads(portal):
    assert "Une veille silencieuse lit toujours" in await words(
        portal, f"/veilles/{await made(portal)}"
    )


@pytest.mark.parametrize(
    ("life", "said"),
    [
        (
            ProofOfLife(3_117, 18_000, NOW + timedelta(minutes=9), ("RSS",)),
            "3 117 textes, 18 000, dernier lu à 8 h 49, 1 source",
        ),
        (
            ProofOfLife(
                4_000, 0, NOW - timedelta(1), ("RSS", "Bluesky"), NOW - timedelta(2), 1_204
            ),
            "4 000 textes, 1 204, le 22 nov., lu le 23 nov., 2 sources",
        ),
        (ProofOfLife(0, 0, None, ()), "0 texte, lus depuis 7 jours, aucune source"),
    ],
)
def test_the_proof_of_life_in_words(life, said):
    told = life.words(NOW).replace("\u202f", " ").replace("\u00a0", " ")
    assert re.match(".*".join(said.split(", ")), told)


async def test_a_watch_on_some_networks_counts_what_it_reads(portal, figures, store):
    new = {"territory": "00101", "name": "Eau", "purpose": "Astreinte"}
    body = {"watch": {**new, "query": {"any": ["fuite"], "networks": ["bluesky"]}}}
    watch = (await portal.post("/api/v1/watches", json=body)).json()["watch"]
    figures.texts = [
        {
            "subject": str(second),
            "network": network,
            "published_at": NOW + timedelta(seconds=second),
        }
        for second, network in enumerate(("bluesky", "bluesky", "rss"))
    ]
    page = await words(portal, f"/veilles/{watch}")
    assert re.search("2 textes.* 0 publication officielle", page)
    assert "aucune source en panne" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, ("5 messages en 20 minutes", "3 fois l’habituel", "Vu 14 messages en 20 minutes")),
        ({"usual": None}, ("10 messages en 20 minutes", "D’habitude inconnu")),
        (
            {"kind": "match", "window_minutes": None, "usual": None, "total": 2},
            ("chaque texte", "un message par heure, sauf si l’affaire double Vu 2 messages"),
        ),
        ({"kind": "source_failed"}, ("une source que la veille lit",)),
    ],
)
async def test_why_shows_the_rule_the_usual_and_what_was_seen(portal, figures, fields, said, store):
    watch = await made(portal)
    an_alert(figures, watch)
    figures.alerts[watch][0] |= fields
    listed = (await portal.get(f"/veilles/{watch}")).text
    link = f"/veilles/{watch}/alertes/alerte-1"
    assert f'<a href="{link}">' in listed
    for path in (link, f"/alertes/alerte-1/pourquoi?{ending(store, watch)}"):
        page = (await portal.get(path)).text
        assert all(one in text_of(page) for one in said)
        assert f'href="/veilles/{watch}/modifier#sensitivity"' in page


async def test_having_seen_an_alert_reaches_the_deciders(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    done = await portal.post(f"/alertes/alerte-1/vu?{ending(store, watch)}")
    assert f'href="/veilles/{watch}"' in done.text
    assert [one.group for one in store.watches.get(watch).seen] == ["affaire-1"]
    revision = store.watches.get(watch).revision
    assert "C’est noté" in await follow(portal, f"/veilles/{watch}/alertes/alerte-1/vu")
    assert store.watches.get(watch).revision == revision


async def test_who_has_seen_an_alert_is_told_to_the_others_once(portal, figures, store):
    watch = await made(portal)
    await portal.post(f"/veilles/confirmer/{secret_of(store)}")
    await follow(portal, f"/veilles/{watch}/destinataires", adresse="nuit@essai-sur-onde.example")
    token = re.findall(r"/confirmer/([\w-]+)", mails(store)[-1].text)[0]
    await portal.post(f"/veilles/confirmer/{token}")
    an_alert(figures, watch)
    before = len(mails(store))
    for _ in range(2):
        await portal.post(f"/alertes/alerte-1/vu?{ending(store, watch)}")
    (told,) = mails(store)[before:]
    assert told.recipient == "mailto:nuit@essai-sur-onde.example"
    assert "a…@essai-sur-onde.example" in told.text
    assert "10\u00a0h\u00a040" in told.text
    assert told.leave
    page = await words(portal, f"/veilles/{watch}")
    assert "vue à 8 h 40 par a…@essai-sur-onde.example" in page


async def test_an_exercise_is_answered_as_an_alert_and_the_others_hear_of_it(portal, store):
    watch = await made(portal)
    invited = mails(store)[-1]
    for said in (invited.text, invited.html):
        assert "L’équipe de l’Observatoire" in said
        assert "Essai-sur-Onde" in said
        assert "SIMULATION" in said
    await portal.post(f"/veilles/confirmer/{secret_of(store)}")
    await follow(portal, f"/veilles/{watch}/destinataires", adresse="nuit@essai-sur-onde.example")
    token = re.findall(r"/confirmer/([\w-]+)", mails(store)[-1].text)[0]
    await portal.post(f"/veilles/confirmer/{token}")
    await portal.post(f"/veilles/{watch}/essai")
    exercise = next(
        one for one in mails(store) if one.recipient == ADDRESS and "essai/vu" in one.text
    )
    path = re.search(rf"/veilles/{watch}/essai/vu\?\S+", exercise.text)[0]
    before = len(mails(store))
    assert '<form method="post"' in (await portal.get(path)).text
    assert len(mails(store)) == before, "mail scanners follow links"
    await portal.post(path)
    (told,) = mails(store)[before:]
    assert told.recipient == "mailto:nuit@essai-sur-onde.example"
    assert "vu à 8\u00a0h\u00a040 par a…@essai-sur-onde.example" in told.text
    assert (await portal.post(f"/veilles/{watch}/essai/vu?destinataire=x")).status_code == 404


async def test_who_left_by_mistake_comes_back_and_who_was_removed_does_not(portal, store):
    watch = await made(portal)
    await portal.post(f"/veilles/confirmer/{secret_of(store)}")
    left = await portal.post(f"/veilles/{watch}/desinscription", params=mine(store, watch))
    assert store.watches.get(watch).recipients == ()
    assert f'action="/veilles/{watch}/reabonnement"' in left.text
    again = {"retour": re.findall(r'name="retour" value="([^"]+)"', left.text)[0]}
    back = await portal.post(f"/veilles/{watch}/reabonnement", data=again)
    assert "Une confirmation vous est envoyée" in text_of(back.text)
    assert [one.confirmed for one in store.watches.get(watch).recipients] == [False]
    assert (await portal.post(f"/veilles/{watch}/reabonnement", data=again)).status_code == 409
    await follow(portal, f"/veilles/{watch}/destinataires/retrait", **mine(store, watch))
    sent = len(mails(store))
    refused = await portal.post(f"/veilles/{watch}/reabonnement", data=again)
    assert refused.status_code == 409
    assert len(mails(store)) == sent


async def test_a_rule_that_changed_since_the_alert_is_said_to_be_of_today(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    await portal.post(f"/veilles/confirmer/{secret_of(store)}")
    path = f"/veilles/{watch}/alertes/alerte-1"
    assert "celle d’aujourd’hui" not in await words(portal, path)
    typed = TYPED | settled(store, watch) | {"sensitivity": "strict"}
    await follow(portal, f"/veilles/{watch}/modifier", **typed)
    assert "La veille a été modifiée depuis" in await words(portal, path)


async def test_a_form_opened_before_a_change_says_so_and_loses_nothing(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    form = (await portal.get(f"/veilles/{watch}/modifier")).text
    old = re.findall(r'name="settled" value="(\d+)"', form)[0]
    not_us = f"/alertes/alerte-1/pas-nous?{ending(store, watch)}"
    assert (await portal.post(not_us, data={"mot": "piscine", "confirme": "1"})).status_code == 200
    typed = TYPED | {"any": "coupure d’eau\nfuite\nboue", "settled": old}
    for button in ("creer", "apercu"):
        late = await portal.post(f"/veilles/{watch}/modifier", data=typed | {button: "1"})
        assert late.status_code == 409
        said = text_of(late.text)
        assert "Quelqu’un l’a modifiée depuis" in said
        assert "Essai-les-Bains · piscine" in said
        assert "Finalité, aujourd’hui" not in said, "only what differs"
        assert "boue" in late.text
    known = store.watches.get(watch)
    assert known.query.none == ("Essai-les-Bains", "piscine")
    assert "boue" not in known.query.any
    unmarked = {name: value for name, value in typed.items() if name != "settled"}
    assert (await portal.post(f"/veilles/{watch}/modifier", data=unmarked)).status_code == 409
    again = re.findall(r'name="settled" value="(\d+)"', late.text)[0]
    await follow(portal, f"/veilles/{watch}/modifier", **typed | {"settled": again})
    assert store.watches.get(watch).query.any[-1] == "boue"


async def test_two_words_taught_at_once_are_both_learnt(portal, figures, store, monkeypatch):
    """The second is taught while the past of the first is read."""
    watch = await made(portal)
    an_alert(figures, watch)
    read, reads = figures.read, list[str]()

    async def slow(view, *arguments, **parameters):
        if view.name == "texts_read":
            reads.append(view.name)
            if len(reads) == 1:
                store.watches.leave_out(watch, "gymnase")
        return await read(view, *arguments, **parameters)

    monkeypatch.setattr(figures, "read", slow)
    not_us = f"/alertes/alerte-1/pas-nous?{ending(store, watch)}"
    assert (await portal.post(not_us, data={"mot": "piscine", "confirme": "1"})).status_code == 200
    assert store.watches.get(watch).query.none == ("Essai-les-Bains", "gymnase", "piscine")
    assert len(reads) == 2, "the past of the words that it has now"


async def test_a_watch_has_bounds_on_its_form_and_over_rest(portal, figures, store):
    watch = await made(portal)
    an_alert(figures, watch)
    many = [f"mot {place}" for place in range(TERMS_AT_MOST + 1)]
    typed = TYPED | {"any": "\n".join(many)}
    for field in ({"any": typed["any"]}, {"none": typed["any"]}):
        refused = await portal.post("/veilles/nouvelle", data=TYPED | field | {"creer": "1"})
        assert refused.status_code == 422
        assert "au plus 200 mots ou expressions" in text_of(refused.text)
    quiet = {"quiet_start": "22:00", "quiet_end": "07:00", "crisis": typed["any"]}
    refused = await portal.post("/veilles/nouvelle", data=TYPED | quiet | {"creer": "1"})
    assert "au plus 200 mots ou expressions" in text_of(refused.text)
    body = {"territory": "00101", "name": "Eau", "purpose": "Astreinte"}
    for wrong in (
        {"watch": body | {"query": {"any": many}}},
        {"watch": body | {"query": {"any": ["eau"], "networks": [f"n{n}" for n in range(51)]}}},
        {
            "watch": body | {"query": {"any": ["eau"]}},
            "recipients": [",".join(f"a{n}@b.example" for n in range(300))],
        },
    ):
        refused = await portal.post("/api/v1/watches", json=wrong)
        assert refused.status_code == 422
        assert re.search("200 mots|50 réseaux|50 adresses", refused.json()["detail"])
    assert len(store.watches.all()) == 1
    full = TYPED | settled(store, watch) | {"any": "\n".join(many[:TERMS_AT_MOST]), "none": ""}
    await follow(portal, f"/veilles/{watch}/modifier", **full)
    not_us = f"/alertes/alerte-1/pas-nous?{ending(store, watch)}"
    refused = await portal.post(not_us, data={"mot": "piscine", "confirme": "1"})
    assert refused.status_code == 422
    assert "au plus 200 mots ou expressions" in text_of(refused.text)
