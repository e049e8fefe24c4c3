"""A first query for a territory, from the registry: its name, what betrays its homonyms, and words
by which a text is surely about it; each explained, all of it to be edited.

Names are found in every spelling (`libs/matching`), and not inside longer ones: those need no word.
"""

from dataclasses import dataclass

from contracts.territories import Kind, Territories, Territory
from libs.matching.language.reader import fault_of
from libs.matching.names import HOMONYMS
from libs.matching.query import contradiction, query_of, written_in
from libs.matching.territories import named
from libs.matching.words import fold

NAMESAKES_MOST = 12
NEIGHBOURS_MOST = 6
POSTAL_CODES_MOST = 3
"""Of a proposal: namesakes left out, neighbours and postal codes looked for."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the fields of the form begin with, and why; `surely` is an expression that finds the
    territory only where something else says that it is meant."""

    every: str
    none: tuple[str, ...]
    surely: str
    why: tuple[str, ...]


def proposed(known: Territories, place: Territory) -> Proposal:
    """Return a first query for a territory."""
    name = place.nom
    departement = known.departement_name(place.departement)
    none, why = _namesakes(known, place, departement)
    if _common(place):
        why.append(
            f"« {name} » est aussi un mot courant : seul, il n’est pris pour la ville qu’avec une "
            "majuscule, ou après « à », « mairie de », « ville de »…"
        )
    context = _context(known, place, departement)
    if context:
        why.append(
            "Pour n’entendre que ce qui est sûrement de chez vous, demandez un mot du lieu à côté "
            f"du nom : {', '.join(context)}."
        )
    if place.kind is Kind.COMMUNE:
        why.append(
            "Le registre ne dit pas comment s’appellent vos habitants : ajoutez leur nom, au "
            "masculin singulier ; féminin et pluriels sont compris."
        )
    surely = f"{_quoted(name)} ET ({' OU '.join(map(_quoted, context))})" if context else ""
    return Proposal(name, none, surely, tuple(why))


def _namesakes(
    known: Territories, place: Territory, departement: str | None
) -> tuple[tuple[str, ...], list[str]]:
    """Return the départements of other communes of this name that may be left out, and why."""
    others = [
        one
        for one in named(known, place.nom)
        if one.code != place.code and one.kind is Kind.COMMUNE and one.origin == place.origin
    ]
    elsewhere = dict.fromkeys(known.departement_name(one.departement) for one in others)
    names = [one for one in elsewhere if one and one != departement]
    safe = [
        one
        for one in names[:NAMESAKES_MOST]
        if not written_in(place.nom, (one,))
        and (not departement or not written_in(departement, (one,)))
    ]
    if not safe:
        return (), []
    where = ", ".join(names[:NAMESAKES_MOST])
    more = "…" if len(names) > NAMESAKES_MOST else ""
    why = (
        f"D’autres communes s’appellent « {place.nom} » ({where}{more}) : les textes qui nomment "
        "leur département sont écartés, retirez-en un si vous en parlez aussi."
    )
    return tuple(safe), [why]


def _common(place: Territory) -> bool:
    words = fold(place.nom)
    return len(words) == 1 and (words[0] in HOMONYMS or len(words[0]) < 3)


def _context(known: Territories, place: Territory, departement: str | None) -> tuple[str, ...]:
    """Return words of the place: its département, postal codes, intercommunalité, neighbours."""
    grouping = known.get(place.ept or place.epci or "")
    neighbours = [
        one
        for one in (known.covers(grouping.code) if grouping else ())
        if one.code != place.code and one.kind is Kind.COMMUNE
    ]
    neighbours.sort(key=lambda one: -(one.population or 0))
    found = (
        departement,
        *place.postal_codes[:POSTAL_CODES_MOST],
        grouping.nom if grouping else None,
        *(one.nom for one in neighbours[:NEIGHBOURS_MOST]),
    )
    words = dict.fromkeys(one for one in found if one and fault_of(one) is None)
    return tuple(one for one in words if not written_in(one, (place.nom,)) and _found(place, one))


def _found(place: Territory, word: str) -> bool:
    query = query_of(f"{_quoted(place.nom)} ET {_quoted(word)}")
    return contradiction(query) is None


def _quoted(word: str) -> str:
    return f"« {word} »" if not word.isalnum() else word
