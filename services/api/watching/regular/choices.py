"""How a recipient is told: what they typed → a choice, and a choice in words."""

from collections.abc import Mapping
from typing import Any

from contracts.watches import Digest, Recipient
from services.api.watching.form import clock_words, minute_of
from services.api.watching.regular.shifts import shifts_of, shifts_words

HOUR = "L’heure du récapitulatif s’écrit 8h ou 18h30."
NOTHING_LEFT = (
    "Gardez les alertes ou un récapitulatif ; pour ne plus rien recevoir, désinscrivez-vous."
)
EVERY = {"day": "chaque jour", "week": "chaque lundi"}


def chosen(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a recipient that were typed. Raises `ValueError`, in French."""
    digest = None
    if (every := typed.get("rythme", "")) in EVERY:
        try:
            minute = minute_of(typed.get("heure", ""))
        except ValueError:
            raise ValueError(HOUR) from None
        digest = Digest.model_validate({"every": every, "minute": minute})
    at_once = "alertes" in typed
    if digest is None and not at_once:
        raise ValueError(NOTHING_LEFT)
    duty = shifts_of(typed.get("astreinte", ""))
    return {"digest": digest, "at_once": at_once, "duty": duty, "backup": "renfort" in typed}


def choice_words(one: Recipient) -> str:
    """Write how a recipient is told: « chaque alerte, et un récapitulatif chaque jour à 8 h »."""
    said = [f"chaque alerte{_when(one)}"] if one.at_once else []
    if one.digest:
        said.append(
            f"un récapitulatif {EVERY[one.digest.every]} à {clock_words(one.digest.minute)}"
        )
    return " et ".join(said)


def _when(one: Recipient) -> str:
    if one.backup:
        return " que personne n’a vue à temps"
    return f" pendant l’astreinte ({shifts_words(one.duty)})" if one.duty else ""
