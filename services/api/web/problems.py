"""Errors as people and programs read them: RFC 9457 problem+json under /api, pages elsewhere."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypedDict, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from contracts.watches import NETWORKS_AT_MOST, TERMS_AT_MOST, UNKNOWN_ZONE
from services.api.figures.queries import EngineUnavailable
from services.api.store.database import BUSY, UNKEPT
from services.api.store.errors import TooManyError
from services.api.web.parameters import MONTH
from services.api.web.rendering import page, without_secret

log = structlog.get_logger(__name__)

TITLES = {
    400: "Demande incorrecte",
    401: "Connexion nécessaire",
    403: "Accès refusé",
    404: "Introuvable",
    405: "Méthode non permise",
    409: "Conflit",
    413: "Trop grand",
    421: "Autre adresse",
    422: "Paramètres incorrects",
    429: "Trop de demandes",
    500: "Erreur de notre fait",
    503: "Chiffres indisponibles",
}
MESSAGES = {
    404: "Cette adresse ne mène à rien. Cherchez une collectivité depuis l’accueil.",
    405: "Cette adresse existe, mais pas pour cette méthode.",
    429: "Trop de demandes de confirmation sont parties depuis une heure, à cette adresse ou en "
    "tout. La dernière n’est pas partie ; réessayez dans une heure.",
    500: "Une erreur de notre fait. Elle est notée ; réessayez dans un instant.",
    503: "Le moteur des chiffres ne répond pas. Rien n’est perdu ; réessayez dans un instant.",
}
BUTTON_ONLY = (
    "Rien à ouvrir à cette adresse",
    "Elle répond à un bouton, et ne s’ouvre pas seule. Revenez à la page de ce bouton.",
)
"""What a page says for 405 : its title and its detail."""
OCCUPIED = "La base de données est occupée. Rien n’est perdu ; réessayez dans un instant."
UNWRITABLE = "Ce qui est envoyé contient un signe, ou un nombre, qui ne peut pas être gardé."
KINDS = {
    "missing": "manque",
    "json_invalid": "n’est pas du JSON",
    "model_type": "n’est pas un objet JSON",
    "model_attributes_type": "n’est pas un objet JSON",
    "day": "n’est pas une date (AAAA-MM-JJ)",
    "string_pattern_mismatch": "n’a pas la forme attendue",
    "string_too_short": "est trop court",
    "string_too_long": "est trop long",
    "literal_error": "n’est pas une des valeurs permises",
    "value_error": "n’est pas une des valeurs permises",
    "enum": "n’est pas une des valeurs permises",
    "int_parsing": "n’est pas un nombre entier",
    "greater_than_equal": "est trop petit",
    "less_than_equal": "est trop grand",
    "date_from_datetime_parsing": "n’est pas une date",
    "date_parsing": "n’est pas une date",
    "extra_forbidden": "n’est pas un champ connu",
    "unknown_parameter": "n’est pas un paramètre de cette adresse",
    "unknown_zone": UNKNOWN_ZONE,
    "too_many_terms": f"a plus de {TERMS_AT_MOST} mots ou expressions",
    "term_too_short": "a un mot d’une seule lettre",
    "too_many_networks": f"a plus de {NETWORKS_AT_MOST} réseaux",
    "repeated_parameter": "est donné plusieurs fois",
}
BOUNDS = {
    "ge": "{} au moins",
    "le": "{} au plus",
    "min_length": "{} signes au moins",
    "max_length": "{} signes au plus",
}
FORMS = {MONTH: "AAAA-MM, par exemple 2026-10, à partir de 2000-01"}
"""How a pattern is said to people."""


def respond(request: Request, status: int, detail: str, **members: object) -> Response:
    """Return the error as a problem or as a page, by the address that was asked."""
    title = TITLES.get(status, HTTPStatus(status).phrase)
    if request.url.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": request.url.path,
            **members,
        }
        return JSONResponse(problem, status, media_type="application/problem+json")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        title, detail = BUTTON_ONLY
    return page(request, "erreur.html", status=status, title=title, detail=detail)


class Fault(TypedDict):
    """What is wrong with a parameter, and what is permitted instead, where that can be listed."""

    parametre: str
    faute: str
    permis: list[str]


def fault(error: Mapping[str, Any]) -> Fault:
    """Say in French an error of pydantic's, or one of ours in its form."""
    context = cast("Mapping[str, object]", error.get("ctx") or {})
    return Fault(
        parametre=str(error["loc"][-1]) if error["loc"] else "corps",
        faute=KINDS.get(error["type"], "est incorrect"),
        permis=_permitted(context),
    )


def _permitted(context: Mapping[str, object]) -> list[str]:
    expected = context.get("expected")
    if isinstance(expected, list):
        return [str(one) for one in cast("list[object]", expected)]
    if isinstance(expected, str):  # pydantic's: "'standard' or 'excel'"
        return re.findall(r"'([^']*)'", expected)
    if "pattern" in context:
        said = FORMS.get(str(context["pattern"]))
        return [said] if said else []
    return [words.format(context[name]) for name, words in BOUNDS.items() if name in context]


async def unexpected(request: Request, error: Exception) -> Response:
    """Answer a fault of ours, which the log tells in full."""
    log.error("unexpected", path=without_secret(request.url.path), exc_info=error)
    return respond(request, 500, MESSAGES[500])


def install(app: FastAPI) -> None:
    """Make the application answer every error in French."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(UNKEPT, _unkept)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(TooManyError, _too_many)
    app.add_exception_handler(EngineUnavailable, _unavailable)
    for error in BUSY:
        app.add_exception_handler(error, _busy)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    said = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    detail = said or MESSAGES.get(error.status_code, "")
    response = respond(request, error.status_code, detail)
    response.headers.update(error.headers or {})
    return response


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [fault(one) for one in error.errors()]
    detail = " ; ".join(
        f"« {one['parametre']} » {one['faute']}"
        + (f" : {', '.join(one['permis'])}" if one["permis"] else "")
        for one in faults
    )
    return respond(request, 422, detail + ".", fautes=faults)


async def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("engine unavailable", path=without_secret(request.url.path), error=str(error))
    response = respond(request, 503, MESSAGES[503])
    response.headers["Retry-After"] = "5"
    return response


async def _too_many(request: Request, error: Exception) -> Response:
    log.warning("too many invitations", limit=str(error))
    response = respond(request, 429, MESSAGES[429])
    response.headers["Retry-After"] = "3600"
    return response


async def _busy(request: Request, error: Exception) -> Response:
    log.warning("database busy", path=without_secret(request.url.path), exc_info=error)
    response = respond(request, 503, OCCUPIED)
    response.headers["Retry-After"] = "5"
    return response


async def _unkept(request: Request, error: Exception) -> Response:
    log.warning("value not kept", path=without_secret(request.url.path), exc_info=error)
    return respond(request, 422, UNWRITABLE)
