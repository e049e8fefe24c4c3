"""The example of a demonstration: a watch made at its start, then a crisis that it tells of."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.local.supervision.failure import PartError

NAME = "Coupure d’eau"
PLACE = "Essai-sur-Onde"
MAILBOX = "astreinte@essai-sur-onde.example"
HOOK = "slack://T000ESSAI/B000ASTREINTE/simulation"
WORDS = ("coupure d’eau", "plus d’eau", "eau coupée", "coupures d’eau")

DELAY = 20
"""Seconds from the watch to the first message: time to open the page of mails."""

_CONFIRM = re.compile(r"/veilles/confirmer/[\w.~-]+")
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the portal, the catchers and the world answer; the portal's operator has a token."""

    portal: str
    catchers: str
    world: str
    token: str = field(repr=False)


def make_watch(at: Addresses) -> None:
    """Make a watch on a water cut at Essai-sur-Onde and confirm its addresses as a person would.

    Does nothing when there is one already. Raises ``PartError`` when the portal refuses it or the
    mails do not come.
    """
    bearer = {"Authorization": f"Bearer {at.token}"}
    with httpx.Client(timeout=30, headers=bearer) as http:
        territory = territory_named(http, at, PLACE)
        kept = http.get(f"{at.portal}/api/v1/watches", params={"territory": territory})
        if any(watch["name"] == NAME for watch in kept.raise_for_status().json()):
            return
        made = http.post(f"{at.portal}/api/v1/watches", json=_watch(territory))
        if made.is_error:
            raise PartError(
                "Veille d’exemple", f"refusée ({made.text})", "en faire une sur le portail"
            )
        sent: set[str] = set()
        _wait(lambda: _confirm_all(http, at, sent) == 2, "Veille d’exemple")


def stage_crisis(at: Addresses) -> None:
    """Have the inhabitants of Essai-sur-Onde speak of a water cut, from a little later on."""
    crisis = {"place": PLACE, "kind": "water", "delay": DELAY, "minutes": 5, "messages": 30}
    httpx.post(f"{at.world}/__world__/crises", json=crisis, timeout=30).raise_for_status()


def territory_named(http: httpx.Client, at: Addresses, name: str) -> str:
    """Return the code of a territory of the country, by its name."""
    found = http.get(f"{at.portal}/api/v1/territories", params={"q": name}).raise_for_status()
    return next(one["code"] for one in found.json() if one["name"] == name)


def _watch(territory: str) -> dict[str, Any]:
    return {
        "watch": {
            "territory": territory,
            "name": NAME,
            "purpose": "Prévenir l’astreinte quand des habitants parlent d’une coupure d’eau",
            "query": {"any": WORDS, "all": [PLACE]},
            "mode": "peak",
            "window_minutes": 20,
            "sensitivity": "sensitive",
        },
        "recipients": [f"mailto:{MAILBOX}", HOOK],
    }


def _confirm_all(http: httpx.Client, at: Addresses, sent: set[str]) -> int:
    for message in http.get(f"{at.catchers}/messages").raise_for_status().json():
        for path in _CONFIRM.findall(f"{message['text']} {message['payload']}"):
            if path not in sent:
                page = f"{at.portal}{path}"
                http.post(page, headers={"Origin": at.portal}).raise_for_status()
                sent.add(path)
    return len(sent)


def _wait(met: Callable[[], bool], title: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not met():
        if time.monotonic() > deadline:
            raise PartError(
                title, "le courriel de confirmation n’est pas arrivé", "lire alerts.log"
            )
        time.sleep(0.5)
