"""The description of the REST API, as people read it: in French, its names and ids in English.

Docstrings stay those of the code. What a reader is told of each operation and each object is here,
and a test fails when one is missing.
"""

from collections.abc import Mapping
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

DESCRIPTION = """
L’observatoire ouvert de la présence des collectivités territoriales sur les réseaux sociaux.
Sans clé, en lecture. Un compteur nul (`null`) n’est pas un zéro : `absent` dit pourquoi il manque.
Chaque réponse d’une simulation porte l’en-tête `X-Observatoire-Origine: simulation`.

Ajoutez `.csv` à une adresse qui connaît le paramètre `variant` pour l’avoir en fichier ; les noms
des colonnes y sont en français, et `/api/v1/codebook` les explique. Le fichier d’un mois existe
aussi en `.parquet`. Une liste qui a plus de lignes que `limit` se lit page par page :
`X-Total-Count` dit combien il y en a, `Link` où est la page suivante. Un paramètre inconnu, ou une
valeur qui n’existe pas, est refusé (422) avec la liste de ce qui est permis.
"""

TAGS = {
    "territoires": "Chercher une collectivité, ses faits, ses comptes.",
    "classements": "Les comptes notés d’un réseau et d’un mois.",
    "comptes": "Un compte : ses scores, ses relevés, ses publications.",
    "mois": "Les fichiers ouverts d’un mois, leurs empreintes, leurs révisions.",
    "méthodologie": "Les indicateurs, leurs poids, le barème.",
    "veilles": "Les veilles d’une collectivité, avec un jeton de la page « Mes jetons ».",
}

OPERATIONS: Mapping[str, tuple[str, str]] = {
    "territories_search": (
        "Chercher une collectivité",
        "Par nom, début de nom, code postal, code INSEE ou SIREN ; la meilleure réponse d’abord.",
    ),
    "territories_show": (
        "Une collectivité et ses comptes",
        (
            "Par code INSEE (même ancien) ou SIREN. En CSV : une ligne par compte, avec son score "
            "du mois."
        ),
    ),
    "rankings_rank": (
        "Le classement d’un réseau",
        (
            "Les comptes notés d’un mois, par rang. Une catégorie de moins de dix notés n’a pas de "
            "rang ; toutes catégories ensemble, l’ordre est celui des scores."
        ),
    ),
    "accounts_show": (
        "Un compte",
        (
            "Son score du mois, indicateur par indicateur, ses mois, ses derniers relevés. "
            "En CSV : une ligne par mois."
        ),
    ),
    "official_ask": (
        "Ce compte est-il officiel ?",
        (
            "Ce que le registre dit d’une adresse : de quelle collectivité, vérifié ou non, et "
            "d’après quelle source. « Inconnu » ne veut pas dire « faux »."
        ),
    ),
    "accounts_observations": (
        "Les relevés d’un compte",
        "Ses compteurs tels qu’ils ont été lus, les plus récents d’abord.",
    ),
    "accounts_posts": (
        "Les publications d’un compte",
        "Chacune à sa dernière lecture, les plus récentes d’abord.",
    ),
    "accounts_readings": (
        "Les lectures des publications d’un compte",
        "Toutes les lectures des publications parues entre deux jours : de quoi refaire un score.",
    ),
    "months_revisions": (
        "Les mois publiés et leurs révisions",
        "Chaque calcul publié, sa raison s’il corrige, et son empreinte (méthodologie, 12).",
    ),
    "registry_registry": (
        "Le registre des comptes officiels",
        (
            "Un compte par ligne (JSON) : réseau, adresse, collectivités (d’abord celle qui le "
            "compte), « verified » ou « closed ». Un autre observatoire le reprend par "
            "`observatoire registry pull`."
        ),
    ),
    "registry_changes": (
        "Les changements du registre, en flux Atom",
        "Comptes ajoutés, renommés, fermés, retirés, du plus récent au plus ancien.",
    ),
    "months_feed": (
        "Le fil des révisions",
        "Un flux Atom : qui a cité un mois apprend qu’il a changé.",
    ),
    "months_fingerprint": (
        "Le texte de l’empreinte d’un mois",
        "Le SHA-256 de ce texte est l’empreinte publiée du mois (méthodologie, 12.1).",
    ),
    "months_checksums": (
        "Les SHA-256 des fichiers d’un mois",
        "Au format que `sha256sum --check` lit.",
    ),
    "months_lines": (
        "Tous les comptes d’un réseau et d’un mois",
        "Notés ou non, et pourquoi. Les compteurs bruts manquent là où le réseau l’exige.",
    ),
    "methodologies_listed": (
        "Les méthodologies",
        "Celles par lesquelles un mois a été publié, la dernière d’abord.",
    ),
    "methodologies_show": (
        "Une méthodologie",
        (
            "Ses indicateurs, leurs poids, et son barème : ce que vaut une valeur. En CSV : "
            "`/bareme.csv` et `/indicators.csv`."
        ),
    ),
    "catalog_show": (
        "Le catalogue des données ouvertes",
        "Mois, fichiers et registre en DCAT (JSON-LD), pour les portails qui moissonnent.",
    ),
    "codebook_show": (
        "Le dictionnaire des fichiers",
        "De chaque colonne : son sens, son unité, et si elle peut être rediffusée.",
    ),
    "watches_listed": ("Les veilles", "Celles qui ne sont pas terminées, la dernière d’abord."),
    "watches_create": (
        "Créer une veille",
        "Rien n’est envoyé à une adresse avant qu’elle ait confirmé par un bouton.",
    ),
    "watches_show": ("Une veille", "Ses destinataires, et s’ils ont confirmé."),
    "watches_pause": (
        "Mettre une veille en pause",
        "Elle ne cherche ni n’écrit plus, jusqu’à sa reprise.",
    ),
    "watches_resume": ("Reprendre une veille", "Elle cherche et écrit de nouveau."),
    "watches_end": (
        "Terminer une veille",
        "Elle n’écrira plus à personne et ne pourra pas reprendre (409 ensuite).",
    ),
}

PARAMETERS = {
    "account": "Identifiant du compte",
    "address": "Adresse du compte, telle que son réseau l’affiche",
    "code": "Code INSEE ou SIREN",
    "methodology": "Version de la méthodologie",
    "territory": "Code de la collectivité ; sans lui, toutes",
    "watch": "Identifiant de la veille",
}

OBJECTS = {
    "Account": "Où en est un compte pour un mois, pourquoi, depuis quand, et comment il est lu.",
    "AccountPost": "Une publication, à sa dernière lecture ; `text` est gardé 30 jours.",
    "AccountScore": "Score et rangs d’un compte pour un mois, ou pourquoi il n’en a pas.",
    "BaremeKnots": "Ce que vaut un indicateur dans une cellule : nœuds en milliardièmes, points.",
    "Category": "Catégorie dans laquelle un compte est noté et classé.",
    "CodebookEntry": "Une colonne d’un fichier : sens, unité, si elle peut être rediffusée.",
    "Digest": "Un récapitulatif : chaque jour ou chaque lundi, minutes après minuit.",
    "Indicator": "Un indicateur, son poids, les réseaux où il est compté.",
    "GivenShare": "Un indicateur d’un score : note sur 100, points apportés, points laissés.",
    "OfficialAnswer": (
        "Ce que le registre dit d’une adresse ; `territories` : le sien d’abord ; `imitates` : "
        "pour qui le compte passe, `resembles` : le compte officiel dont il a presque le nom."
    ),
    "OfficialProof": "Une source qui nomme le compte, et quand elle a été vue en dernier.",
    "Methodology": "Une méthodologie : indicateurs par poids, barème par réseau et cellule.",
    "GivenLine": "Un compte dans un mois, noté ou non ; les notes sont sur 100, avant les poids.",
    "MonthRevision": "Un calcul publié d’un mois ; `hash` est son empreinte (méthodologie, 12.1).",
    "MonthScore": "Un mois de l’histoire d’un compte.",
    "NewWatch": "Une veille à créer, et qui inviter, par l’adresse d’un canal.",
    "Observation": "Les compteurs d’un compte à un instant.",
    "Outcome": "Comment un relevé s’est terminé.",
    "Past": "Ce qui est connu d’avant la veille : les textes déjà gardés.",
    "Pause": "Quand une veille ne cherchait pas : ce qui s’est dit alors n’est pas connu.",
    "PublishedMethodology": "Une méthodologie, et les mois publiés par elle.",
    "Query": "Ce qu’un texte doit dire : un de `any`, tous ceux de `all`, aucun de `none`.",
    "QuietHours": "Heures de calme, en minutes après minuit, à l’heure du territoire.",
    "Listed": (
        "Une ligne d’un classement ; `rank` est nul sous dix notés, `high_rank` et `low_rank` sont "
        "les places que permet sa marge."
    ),
    "Ranking": "Un classement ; `notice` dit ce que les conditions du réseau en ôtent.",
    "Reading": "Une lecture d’une publication.",
    "Recipient": "Qui prévenir ; rien n’est envoyé avant `confirmed`.",
    "Mute": "Un silence que quelqu’un a demandé, hors mots de crise.",
    "Shift": "Heures d’astreinte : jours (0, lundi), minutes après minuit.",
    "Seen": "Un événement que quelqu’un a vu, et quand : sans relance pendant deux heures.",
    "TerritoryAccount": "Un compte d’une collectivité et son dernier relevé.",
    "TerritoryDetail": "Une collectivité et ses comptes ; aucun où rien n’est mesuré.",
    "TerritoryFacts": "Ce que le référentiel dit d’une collectivité.",
    "WatchDraft": "Une veille, telle qu’on la demande.",
    "Watched": "Une veille telle qu’elle est.",
}

PROBLEM: dict[str, Any] = {
    "description": "Une erreur (RFC 9457), dite en français.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "fautes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parametre", "faute", "permis"],
                "properties": {
                    "parametre": {"type": "string"},
                    "faute": {"type": "string"},
                    "permis": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


PRIVATE = "veilles"
"""The tag of what is of one territory."""

TOKEN: dict[str, str] = {
    "type": "http",
    "scheme": "bearer",
    "description": "Un jeton de « Mes jetons » (`obs_…`), ou celui de l’opérateur.",
}


def operation_id(route: APIRoute) -> str:
    """Name an operation by its resource and its function: `rankings_rank`."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}_{route.endpoint.__name__}"


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description of the resources, in French; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=DESCRIPTION,
            routes=app.routes,
            tags=[{"name": name, "description": said} for name, said in TAGS.items()],
        )
        objects = made["components"]["schemas"]
        for operations in made["paths"].values():
            for operation in operations.values():
                _tell(operation)
                _give_objects(operation, objects)
                operation["security"] = [{"jeton": []}] if PRIVATE in operation["tags"] else []
        for name in ("HTTPValidationError", "ValidationError"):
            objects.pop(name, None)
        _translate(made)
        objects["Probleme"] = PROBLEM
        made["components"]["securitySchemes"] = {"jeton": TOKEN}
        app.openapi_schema = made
    return app.openapi_schema


def _tell(operation: dict[str, Any]) -> None:
    summary, description = OPERATIONS.get(operation["operationId"], (None, None))
    if summary:
        operation |= {"summary": summary, "description": description}
    names: set[str] = set()
    for one in operation.get("parameters", []):
        names.add(one["name"])
        one.setdefault("description", PARAMETERS.get(one["name"], ""))
    answers = operation["responses"]
    answers.pop("422", None)
    for answer in answers.values():
        answer["description"] = "La réponse"
        if "variant" in names:
            answer["content"]["text/csv"] = {"schema": {"type": "string"}}
    answers["default"] = {
        "description": "Une erreur ; 422 dit quel paramètre, et ce qui est permis",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Probleme"}}
        },
    }


def _give_objects(operation: dict[str, Any], objects: dict[str, Any]) -> None:
    """Put the objects of a body that we read ourselves where its references look for them."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        body = content["schema"] = dict(content["schema"])
        for name, described in body.pop("$defs", {}).items():
            objects.setdefault(name, described)


def _translate(part: object) -> None:
    """Say objects in French, and leave out the titles that pydantic makes of the fields' names."""
    if isinstance(part, list):
        for one in cast("list[object]", part):
            _translate(one)
    if not isinstance(part, dict):
        return
    held = cast("dict[str, Any]", part)
    title = held.get("title")
    if isinstance(title, str) and ("type" in held or "anyOf" in held or "enum" in held):
        if "properties" in held or "enum" in held:
            held.pop("description", None)
        if title in OBJECTS:
            held["description"] = OBJECTS[title]
        else:
            del held["title"]
    for one in held.values():
        _translate(one)
