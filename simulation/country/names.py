"""Names of places that cannot be taken for real ones, even when cropped.

Every name holds a word that says what it is (essai, maquette, mirage, témoin…). A name
is chosen by the rank of the place, so that a commune keeps it in worlds of every size.
"""

from functools import lru_cache

from libs.matching.words import fold
from simulation.country.chance import Chance, shuffled_index

_MASCULINE = (
    "Essai",
    "Mirage",
    "Témoin",
    "Leurre",
    "Pastiche",
    "Gabarit",
    "Modèle",
    "Simulacre",
    "Songe",
    "Décor",
    "Prototype",
    "Spécimen",
    "Brouillon",
    "Calque",
    "Croquis",
    "Exemple",
    "Échantillon",
    "Figurant",
    "Postiche",
    "Canevas",
    "Fantôme",
    "Canular",
    "Virtuel",
    "Fictif",
)
_FEMININE = (
    "Maquette",
    "Mesure",
    "Fiction",
    "Ébauche",
    "Esquisse",
    "Hypothèse",
    "Épreuve",
    "Feinte",
    "Fantaisie",
    "Chimère",
    "Utopie",
    "Illusion",
    "Parabole",
    "Fable",
    "Légende",
    "Simulation",
    "Invention",
    "Conjecture",
    "Imitation",
    "Copie",
    "Variante",
    "Doublure",
    "Figuration",
    "Légère-Fiction",
)
_WATERS = (
    "sur-Onde",
    "sur-Trame",
    "sur-Courbe",
    "sur-Médiane",
    "sur-Variance",
    "sur-Sonde",
    "sur-Donnée",
    "sur-Moyenne",
    "sur-Marge",
    "sur-Tangente",
    "sur-Sécante",
    "sur-Corde",
    "sur-Spirale",
    "sur-Boucle",
    "sur-Racine",
    "sur-Somme-Nulle",
    "en-Courbois",
    "en-Margeois",
    "en-Quartile",
    "en-Décile",
    "en-Sondais",
    "en-Tramois",
    "en-Ondais",
    "en-Fictionnais",
    "lès-Quantile",
    "lès-Facteur",
    "lès-Vecteur",
    "lès-Secteur",
    "lès-Repère",
    "lès-Symbole",
    "lès-Zéro",
    "lès-Nul",
    "la-Médiane",
    "la-Moyenne",
    "la-Variance",
    "la-Donnée",
    "le-Décile",
    "le-Quartile",
    "le-Vecteur",
    "le-Quantile",
    "les-Ondes",
    "les-Trames",
)
_HYPHENATED = (
    "Port",
    "Mont",
    "Val",
    "Bourg",
    "Pont",
    "Roche",
    "Bois",
    "Champ",
    "Fort",
    "Puy",
    "Castel",
    "Ker",
    "Font",
    "Mas",
    "Cap",
)
_FUSED = ("Ville", "Clair", "Haute", "Beau", "Bel", "Roque", "Mire", "Grand", "Pré", "Neuve")
_ENDINGS = ("ville", "court", "bourg")
_LANDS = ("Fictive", "Factice", "Témoin", "Imaginaire", "Supposée", "Simulée")
_RIVERS = (
    "Onde",
    "Trame",
    "Courbe",
    "Médiane",
    "Variance",
    "Sonde",
    "Donnée",
    "Moyenne",
    "Marge",
    "Tangente",
    "Sécante",
    "Corde",
    "Spirale",
    "Boucle",
    "Racine",
    "Abscisse",
    "Ordonnée",
    "Parallèle",
    "Diagonale",
    "Bissectrice",
)
_REGIONS = ("Grand-{}", "Pays-de-{}", "Terres-de-{}", "Hauts-de-{}", "Plaines-de-{}", "Rives-de-{}")

NAME_CHARACTERS = 46
"""Beyond this many characters a communauté de communes is named after its centre alone."""

WORDS = frozenset(word.casefold() for word in (*_MASCULINE, *_FEMININE)) - {"légère-fiction"}
"""The words that betray an invented place; every commune's name holds one."""


def _stems() -> list[str]:
    stems: list[str] = []
    for word, saint in [*((m, "Saint") for m in _MASCULINE), *((f, "Sainte") for f in _FEMININE)]:
        stems.append(f"{saint}-{word}")
        stems.extend(f"{prefix}-{word}" for prefix in _HYPHENATED)
        if word.isalpha():
            stems.extend(prefix + word.casefold() for prefix in _FUSED)
            stems.extend(word + ending for ending in _ENDINGS)
    return stems


_STEMS = _stems()

COMMUNES = len(_STEMS) * (1 + len(_WATERS))
"""How many communes can be named."""

DEPARTEMENTS = len(_LANDS) * len(_RIVERS)
_REGIONAL = [word for word in _FEMININE if word.isalpha() and word[0] not in "ÉEUIH"]
REGIONS = len(_REGIONS) * len(_REGIONAL)
"""How many départements and régions can be named."""


def commune_name(rank: int, chance: Chance) -> str:
    """The name of the commune of a rank (0 is the most populated): the first ones are short.

    Raises:
        IndexError: when the rank is beyond ``COMMUNES``.
    """
    if rank >= COMMUNES:
        raise IndexError(rank)
    if rank < len(_STEMS):
        return _STEMS[shuffled_index(rank, len(_STEMS), chance, "stems")]
    place = shuffled_index(rank - len(_STEMS), COMMUNES - len(_STEMS), chance, "long names")
    water, stem = divmod(place, len(_STEMS))
    return f"{_STEMS[stem]}-{_WATERS[water]}"


def departement_name(rank: int, chance: Chance) -> str:
    """The name of a département, such as « Onde-Témoin »."""
    place = shuffled_index(rank, DEPARTEMENTS, chance, "départements")
    return f"{_RIVERS[place % len(_RIVERS)]}-{_LANDS[place // len(_RIVERS)]}"


def region_name(rank: int, chance: Chance) -> str:
    """The name of a région, such as « Rives-de-Maquette »."""
    place = shuffled_index(rank, REGIONS, chance, "régions")
    form, word = divmod(place, len(_REGIONAL))
    return _REGIONS[form].format(_REGIONAL[word])


def grouping_name(kind: str, centre: str, second: str) -> str:
    """The name of an intercommunalité from those of its first two communes.

    Args:
        kind: ``CC``, ``CA``, ``CU``, ``EPT`` or ``METRO``.
    """
    if kind == "METRO":
        return f"{centre} Métropole"
    if kind == "CU":
        return f"{centre} Communauté urbaine"
    if kind == "CA":
        return f"{centre} Agglomération"
    if kind == "EPT":
        return f"Territoire de {centre}" if centre[0] not in "ÉEUIAO" else f"Territoire d’{centre}"
    both = f"CC {centre} et {second}"
    return both if second and len(both) <= NAME_CHARACTERS else f"CC {centre} et environs"


@lru_cache(maxsize=8192)
def slug(name: str) -> str:
    """A name as a handle writes it: letters and digits only."""
    return b"".join(fold(name)).decode()
