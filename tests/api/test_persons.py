"""Words that look like somebody's name are asked about before a watch is made."""

import pytest

from contracts.watches import Query
from libs.matching.persons import persons
from services.api.watching.asked.candidates import candidates
from tests.api.conftest import BEARER, SIMULATION, client_of, enter_as

TYPED = {
    "territory": "00101", "name": "Eau", "purpose": "astreinte", "mode": "each", "cooldown": "60",
    "muette": "1", "creer": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    "term",
    ["Jean Dupont", "Marie-Claude Lefèvre", "JEAN DUPONT", "Anne de La Tour", "@jean.dupont",
     "candidat Durand", "liste Ensemble"],
)  # fmt: skip
def test_what_looks_like_a_name(term):
    assert persons(Query(any=("coupure d’eau", term))) == (term,)
    assert persons(Query(any=("coupure d’eau",), all=(term,))) == (term,)


@pytest.mark.parametrize(
    "term",
    ["coupure d’eau", "collège Jean Moulin", "rue Victor Hugo", "Lens", "jean troué", "Jean",
     "Martin-Église", "Claude", "Essai-sur-Onde", "liste électorale", "@VilleSaintDenis"],
)  # fmt: skip
def test_what_does_not(term):
    assert persons(Query(any=(term,))) == ()


LIST = """\ufeff# Municipales
Jean Dupont
Anne-Marie de La Tour
liste Ensemble pour Essai  # tête : Z. Zorro
"""


@pytest.mark.parametrize(
    ("term", "named"),
    [("jean dupont", True), ("@JeanDupont", True), ("meeting de Jean Dupont", True),
     ("Marie de La Tour", True), ("Ensemble pour Essai", True), ("Dupont", False),
     ("Jean Durand", False), ("tête", False), ("coupure d’eau", False)],
)  # fmt: skip
def test_who_is_on_the_list_of_candidates(tmp_path, term, named):
    file = tmp_path / "candidats.txt"
    file.write_text(LIST, encoding="utf-8")
    assert candidates(Query(any=("eau", term)), file) == ((term,) if named else ())
    assert candidates(Query(any=(term,)), None) == ()


async def test_nobody_watches_a_declared_candidate(places, figures, store, tmp_path):
    file = tmp_path / "candidats.txt"
    file.write_text(LIST, encoding="utf-8")
    listed = SIMULATION.model_copy(update={"candidates_file": file})
    new = {"territory": "00101", "name": "x", "purpose": "y", "query": {"any": ["Jean Dupont"]}}
    said = {"watch": new, "names_no_person": True}
    async with client_of(listed, places, figures, store) as portal:
        portal.headers.update(BEARER)
        for answer in ("oui", "non"):
            assert await made(portal, store, any="Jean Dupont", personne=answer) == (422, 0)
        assert (await portal.post("/api/v1/watches", json=said)).status_code == 422
        hidden = {"any": [], "expression": 'maire ET "Jean Dupont"'}
        said = {"watch": new | {"query": hidden}, "names_no_person": True}
        assert (await portal.post("/api/v1/watches", json=said)).status_code == 422
        assert await made(portal, store, any="Jeanne Dupont", personne="non") == (303, 1)


async def made(portal, store, **typed):
    answer = await portal.post("/veilles/nouvelle", data=TYPED | typed)
    return answer.status_code, len(store.watches.all())


async def test_a_name_is_asked_about_before_a_watch_is_made(visitor, store):
    await enter_as(visitor, "astreinte")
    assert await made(visitor, store, any="Jean Dupont") == (422, 0)
    assert await made(visitor, store, any="Jean Dupont", personne="oui") == (422, 0)
    assert await made(visitor, store, any="Jean Dupont", personne="non") == (303, 1)


@pytest.mark.parametrize(
    ("query", "status", "any_of"),
    [
        ({"any": [], "expression": "eau ET école"}, 201, ("eau", "école")),
        ({"any": ["eau"], "expression": "eau ET école"}, 201, ("eau", "école")),
        ({"any": ["eau", "feu"], "expression": "eau ET école"}, 422, None),
        ({"any": [], "expression": 'maire ET "Jean Dupont"'}, 422, None),
        ({"any": [], "expression": "eau ET ("}, 422, None),
        ({"any": [], "expression": ",".join(f"mot{n}" for n in range(201))}, 422, None),
    ],
)
async def test_the_terms_of_an_expression_are_those_of_the_watch(
    visitor, store, query, status, any_of
):
    """Without them it never found anything, and nobody was asked about its names."""
    await enter_as(visitor, "astreinte")
    new = {"territory": "00101", "name": "x", "purpose": "y", "query": query}
    answer = await visitor.post("/api/v1/watches", json={"watch": new})
    assert answer.status_code == status, answer.text
    assert [watch.query.any for watch in store.watches.all()] == ([any_of] if any_of else [])


async def test_a_name_is_refused_to_programs_that_do_not_answer_for_it(portal, visitor, store):
    await enter_as(visitor, "astreinte")
    new = {"territory": "00101", "name": "x", "purpose": "y", "query": {"any": ["Jean Dupont"]}}
    asked = await visitor.post("/api/v1/watches", json={"watch": new})
    assert (asked.status_code, store.watches.all()) == (422, [])
    said = {"watch": new, "names_no_person": True}
    assert (await visitor.post("/api/v1/watches", json=said)).status_code == 201
