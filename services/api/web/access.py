"""Who may see and change what belongs to one territory (its watches).

Until sign-in exists: anybody in a simulation, else whoever holds the operator's token, as a bearer
(programs) or as the password of HTTP Basic (browsers).
"""

import base64
import secrets

import structlog
from fastapi import HTTPException, Request

from services.api.installation import installation

log = structlog.get_logger(__name__)

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Observatoire", charset="UTF-8"'}


def require_agent(request: Request) -> None:
    """Refuse a request that may not see watches (a FastAPI dependency).

    Raises 401 without the right token, 429 after too many wrong ones.
    """
    here = installation(request)
    if here.simulation:
        return
    token = here.settings.operator_token
    if not token:  # an empty one would be what a request without any gives
        raise HTTPException(403, "La connexion des agents n’est pas encore ouverte.")
    here.throttles.tokens.check(request)
    if secrets.compare_digest(given := _given(request).encode(), token.encode()):
        return
    if given:
        here.throttles.tokens.count(request)
        log.warning("wrong token", client=request.client.host if request.client else "")
    raise HTTPException(401, "Le jeton de l’opérateur est nécessaire.", CHALLENGE)


def _given(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:  # no base64, or no UTF-8 in it
            return ""
    return ""
