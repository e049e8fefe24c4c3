"""What may be contested, and how a contest ends, in words."""

from typing import Literal

Figure = Literal["score", "abonnes", "publications", "reactions", "compte"]
Outcome = Literal["corrige", "maintenu", "retire"]

FIGURES: dict[Figure, str] = {
    "score": "le score",
    "abonnes": "le nombre d’abonnés",
    "publications": "les publications comptées",
    "reactions": "les réactions comptées",
    "compte": "le compte : ce n’est pas le nôtre",
}

OUTCOMES: dict[Outcome, str] = {
    "corrige": "chiffre corrigé",
    "maintenu": "chiffre maintenu",
    "retire": "chiffre retiré",
}


def by_whom(agent: str | None, territory: str | None) -> str:
    """Say who contests, as pages repeat it: never a person."""
    if territory:
        return "par la collectivité elle-même"
    return "par un agent public" if agent else "sans s’être nommé"
