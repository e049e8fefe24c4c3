"""Who may see and change what belongs to one territory (its watches).

Until sign-in exists: anybody in a simulation, else whoever holds the operator's token, as a bearer
(programs) or as the password of HTTP Basic (browsers).
"""

import base64
import secrets
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from services.api.installation import installation

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Observatoire", charset="UTF-8"'}


def require_agent(request: Request) -> None:
    """Refuse a request that may not see watches (a FastAPI dependency).

    Raises 401 without the right token, 403 for a form sent from another site.
    """
    here = installation(request)
    if request.method != "GET":
        require_same_site(request)
    if here.simulation:
        return
    token = here.settings.operator_token
    if not token:  # an empty one would be what a request without any gives
        raise HTTPException(403, "La connexion des agents n’est pas encore ouverte.")
    if not secrets.compare_digest(_given(request).encode(), token.encode()):
        raise HTTPException(401, "Le jeton de l’opérateur est nécessaire.", CHALLENGE)


def require_same_site(request: Request) -> None:
    """Refuse a form that another site makes a browser send (raises 403).

    A proxy may have rewritten Host: the portal's own address is its site too.
    """
    origin = request.headers.get("origin")
    portal = urlsplit(installation(request).settings.portal_url).netloc
    ours = (request.headers.get("host"), portal)
    if origin is not None and urlsplit(origin).netloc not in ours:
        raise HTTPException(403, "Ce formulaire vient d’un autre site.")


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
