"""What a watch knows of the time before it was made, from the texts already kept."""

from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.sightings import digest_of, minute_of, unpacked
from contracts.watches import Past, Query
from libs.matching.language.fields import About
from libs.matching.match import Matcher
from libs.matching.words import line
from services.api.figures.queries import EngineUnavailable
from services.api.watching.learning import STILL_NEWS, needles
from tests.api.world import NOW

NEW = {"territory": "00101", "name": "Eau", "purpose": "Astreinte", "query": {"any": ["eau"]}}
DAY = 24 * 60


def text(minutes: int, said: str = "plus d’eau", network: str = "bluesky") -> dict[str, object]:
    return {
        "subject": f"m{minutes}",
        "network": network,
        "address": f"https://bluesky.example/{minutes}",
        "published_at": NOW - timedelta(minutes=minutes),
        "text": said,
    }


async def made(portal: httpx.AsyncClient, query: dict[str, object]) -> str:
    answer = await portal.post("/api/v1/watches", json={"watch": NEW | {"query": query}})
    assert answer.status_code == 201, answer.text
    assert answer.json()["past"] is None
    return answer.json()["watch"]


async def test_a_new_watch_knows_the_texts_already_kept(portal, figures, store):
    kept = (3, 5 * DAY, 28 * DAY)
    figures.texts = [text(one) for one in (*kept, 33 * DAY)] + [text(9, "au bord du lac")]
    watch = store.watches.get(await made(portal, {"any": ["eau"]}))
    assert watch.past.until == NOW
    assert watch.past.since == NOW - timedelta(days=28)
    assert dict(unpacked(watch.past.seen)) == {
        digest_of(f"m{one}"): minute_of(NOW - timedelta(minutes=one)) for one in kept
    }


async def test_what_was_not_read_is_not_taken_for_silence(portal, figures, store):
    """A network read since yesterday only; another watch does not look there."""
    figures.texts = [text(28 * DAY), text(20 * DAY), text(DAY, network="rss")]
    both = store.watches.get(await made(portal, {"any": ["eau"]}))
    one = store.watches.get(await made(portal, {"any": ["eau"], "networks": ["bluesky"]}))
    assert both.past.since == NOW - timedelta(days=1)
    assert one.past.since == NOW - timedelta(days=28)
    figures.texts = []
    none = store.watches.get(await made(portal, {"any": ["eau"]}))
    assert none.past is None


async def test_a_watch_is_made_even_when_its_past_cannot_be_read(portal, figures, store):
    figures.failure = EngineUnavailable("away")
    watch = store.watches.get(await made(portal, {"any": ["eau"]}))
    assert watch.past is None


async def test_other_words_are_learnt_up_to_what_may_still_be_told(portal, figures, store):
    figures.texts = [text(one, "une fuite d’eau") for one in (60, 3 * DAY, 28 * DAY)]
    watch = await made(portal, {"any": ["eau"]})
    before = store.watches.get(watch)
    assert before
    typed = {"territory": "00101", "name": "Eau", "purpose": "Astreinte", "mode": "each"}
    typed["settled"] = str(before.settled)
    await portal.post(f"/veilles/{watch}/modifier", data=typed | {"any": "eau", "window": "30"})
    same = store.watches.get(watch)
    assert same.past == before.past
    await portal.post(
        f"/veilles/{watch}/modifier", data=typed | {"any": "fuite", "settled": str(same.settled)}
    )
    other = store.watches.get(watch)
    assert other.past.until == NOW - STILL_NEWS
    found = {digest for digest, _ in unpacked(other.past.seen)}
    assert found == {digest_of(f"m{3 * DAY}"), digest_of(f"m{28 * DAY}")}
    assert other.past.since == NOW - timedelta(days=28)


async def test_other_words_never_keep_the_past_of_the_old_ones(portal, figures, store):
    figures.texts = [text(one, "une fuite d’eau") for one in (60, 3 * DAY, 28 * DAY)]
    watch = await made(portal, {"any": ["eau"]})
    before = store.watches.get(watch)
    assert before
    figures.failure = EngineUnavailable("away")
    typed = {"territory": "00101", "name": "Eau", "purpose": "Astreinte", "mode": "each"}
    typed |= {"settled": str(before.settled), "any": "fuite"}
    assert (await portal.post(f"/veilles/{watch}/modifier", data=typed)).status_code == 303
    other = store.watches.get(watch)
    assert other.past == Past(since=NOW, until=NOW), "what is known of them begins now"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(any=("Coupure d’eau", "fuites")), "coupure fuite"),
        (Query(any=("eau",), all=("Essai-sur-Onde", "mairie")), "mairie"),
        (Query(any=("St", "eau")), ""),
        (Query(any=("eau",), all=("Saint",)), "eau"),
        (Query(any=()), ""),
        (Query(any=("CC du Lac",)), "lac"),
        (Query(any=("eau",), all=("\ufdfa\ufdfa",)), "eau"),
    ],
)
def test_the_words_that_spare_reading_the_other_texts(query, words):
    assert needles(query) == words


TERMS = st.sampled_from(["St Témoin", "cœur", "Essai-sur-Onde", "l’été", "eau", "CC du Lac", "Île"])


@given(
    st.lists(TERMS, min_size=1, max_size=3),
    st.lists(TERMS, max_size=2),
    st.lists(
        st.one_of(
            TERMS, st.sampled_from(["Saint-Temoin", "ete", "coeur", "communauté de communes"])
        ),
        max_size=8,
    ),
)
def test_no_text_that_matches_lacks_them(some, every, said):
    query, text = Query(any=tuple(some), all=tuple(every)), " ".join(said)
    if Matcher([("w", query)]).finds(text, About("bluesky")) and (words := needles(query)):
        assert any(word in line(text).decode() for word in words.split())
