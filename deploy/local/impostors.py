"""The example of the desk: an account that was found to imitate a town, and one that waits.

Both are made up, under `.example`, as visitors would report them and the team decide.
"""

from typing import Any

import httpx

from contracts.networks import network_of
from deploy.local.first_watch import PLACE, Addresses, territory_named
from deploy.local.supervision.failure import PartError

TITLE = "Usurpations d’exemple"
QUEUE = "/bureau/usurpations"


def imitations(handle: str) -> tuple[str, str]:
    """Return two handles that imitate one: a zero for an o, and « officiel » added."""
    name = max(handle.split("."), key=len)
    return f"{name.replace('o', '0')}.example", f"{name}-officiel.example"


def report_impostors(at: Addresses) -> None:
    """Report two accounts that imitate Essai-sur-Onde, and decide of the first; once.

    Raises ``PartError`` where the town has no account to imitate or the portal refuses.
    """
    headers = {"Authorization": f"Bearer {at.token}", "Origin": at.portal}
    with httpx.Client(base_url=at.portal, timeout=30, headers=headers) as http:
        code = territory_named(http, at, PLACE)
        told = http.get(f"/api/v1/territories/{code}").raise_for_status().json()
        imitated = next(
            (one for one in told["accounts"] if network_of(one["network"]).forms.suffix), None
        )
        if imitated is None:
            raise PartError(TITLE, f"{PLACE} n’a pas de compte à imiter", "relancer plus tard")
        decided, waiting = imitations(imitated["handle"])
        for handle in (decided, waiting):
            address = network_of(imitated["network"]).address.format(handle=handle)
            _send(http, "/officiel/signaler", {"adresse": address, "collectivite": code})
        if (account := _waiting(http, decided)) is not None:
            _send(http, f"{QUEUE}/{account}", {"choix": "usurpation"})


def _waiting(http: httpx.Client, handle: str) -> str | None:
    """Return the id of an account that waits at the desk; None once it was decided of."""
    shown = http.get(QUEUE).raise_for_status().text
    entries = shown.split('<li id="c-')[1:]
    return next((one.partition('"')[0] for one in entries if handle in one), None)


def _send(http: httpx.Client, path: str, form: dict[str, Any]) -> None:
    answer = http.post(path, data=form)
    if answer.status_code >= 400:
        raise PartError(TITLE, f"refusées ({answer.status_code})", "lire api.log")
