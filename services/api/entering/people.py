"""Who lives in the demonstration: « Entrer comme… » signs in as one of them, without a mail."""

from dataclasses import dataclass

from contracts.territories import Kind, Territories, Territory
from libs.matching.territories import named
from services.api.entering.addresses import invented_domain, keyed
from services.api.store import Store
from services.api.store.agents.entitled import EVERYWHERE, Mailbox, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented: of which territory (a name, or the first of a kind), with what role.

    Without a territory they are of the observatory's team. `then` is where they arrive, or which
    part of their territory's page.
    """

    name: str
    who: str
    what: str
    place: str | Kind | None
    role: Role = "writing"
    then: str = ""


PEOPLE = (
    Person(
        "communication",
        "la chargée de communication",
        "seule à ce poste, à mi-temps, 8\u202f000 habitants",
        "Essai-sur-Onde",
    ),
    Person(
        "metropole",
        "l’équipe d’une métropole",
        "tous les comptes, une comparaison, des fichiers à emporter",
        "Clairmesure Métropole",
        "administration",
        "?vue=detaillee#contenu",
    ),
    Person(
        "directrice",
        "la directrice",
        "le score, la tendance, la page du mois à imprimer",
        "Villemaquette",
        "reading",
        "#contenu",
    ),
    Person("departement", "l’agent d’un département", "ses comptes, ses veilles", Kind.DEPARTEMENT),
    Person(
        "astreinte",
        "l’astreinte",
        "savoir vite, n’être dérangé pour rien",
        "Essai-sur-Onde",
        then="/veilles",
    ),
    Person(
        "exploitation",
        "l’exploitation",
        "rien de perdu, tout se voit",
        None,
        "team",
        "/exploitation",
    ),
)


def person_named(name: str) -> Person | None:
    """Return a person by the name that their door has."""
    return next((one for one in PEOPLE if one.name == name), None)


def place_of(territories: Territories, person: Person) -> Territory | None:
    """Return the invented territory of a person; None where this country has none."""
    if isinstance(person.place, Kind):
        found = territories.of_kind(person.place)
    else:
        found = named(territories, person.place) if person.place else []
    return next((one for one in found if one.origin == "simulation"), None)


def known(
    territories: Territories, store: Store, person: Person, key: str
) -> tuple[Mailbox, str] | None:
    """Return the mailbox of a person, whose role is granted, and where they arrive."""
    place = place_of(territories, person)
    if place is None and person.place is not None:
        return None
    domain = invented_domain(place.nom if place else "observatoire")
    mailbox = f"{person.name}@{domain}"
    kept = Mailbox(keyed(key, "address", mailbox), domain, mailbox)
    store.entitled.grant(kept, place.code if place else EVERYWHERE, person.role)
    own = f"/territoires/{place.code}" if place else ""
    return kept, person.then if person.then.startswith("/") else f"{own}{person.then}"
