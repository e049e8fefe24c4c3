"""What a territory says beside its scores, in words."""

from collections.abc import Mapping

from libs import french
from services.api.store.agents.circumstances import Cause

CAUSES: Mapping[Cause, str] = {
    "flood": "crue, tempête ou autre catastrophe",
    "mourning": "deuil",
    "attack": "cyberattaque ou compte volé",
    "contest": "jeu-concours ou publication payée",
    "event": "événement exceptionnel",
    "other": "autre cause",
}


def staff(posts: float) -> str:
    """Write a number of full-time posts: « 0,5 équivalent temps plein »."""
    shown = french.number(posts, 2).rstrip("0").removesuffix(",")
    noun = "équivalent temps plein" if posts < 2 else "équivalents temps plein"
    return f"{shown}{french.NO_BREAK}{noun}"
