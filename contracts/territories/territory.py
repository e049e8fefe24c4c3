"""A territory: one *collectivité* (or grouping) that can own accounts, as the registry knows it."""

from typing import Literal

import msgspec

from contracts.territories.categories import Category, Kind, Nature, Zone, category_of, stratum_of

TerritoryOrigin = Literal["registry", "simulation"]
PartKind = Literal["deleguee", "associee", "arrondissement", "departement", "region"]


class Part(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A place inside a territory that owns no account of its own but by whose name people look.

    A *commune déléguée* or *associée*, an *arrondissement municipal*, or a statistical département
    or région that a single collectivité replaces (Bas-Rhin inside Alsace).
    """

    code: str
    nom: str
    kind: PartKind


class Territory(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One row of the registry; category and DGF stratum derive from it.

    - ``code``: INSEE code of a commune ("01004"), SIREN of an EPCI or EPT, INSEE code of a
      département ("33"), code of a région followed by R ("75R": bare region codes are also
      département codes), INSEE code of single collectivités ("6AE", "20R", "69D", "972R", "973R").
      Codes of invented territories start with "00" (communes, départements) or "0" (EPCI).
    - ``population``: municipal population in inhabitants, null where none is counted (TAAF); 0 is
      a real figure (villages destroyed in 1916). Of everything larger than a commune it is the sum
      over its communes, so that all denominators have one vintage.
    - ``departement``, ``region``: INSEE codes of the statistical areas, for filters; of an EPCI,
      those where most of its inhabitants live.
    - ``covered_by``: codes of the collectivités that directly cover this one (an EPCI, an EPT, the
      département or what replaces it; of a département, its région).
    - ``liaison``: INSEE's TNCC, how French joins the name to "de" and "à".
    - ``year``: year of the *Code officiel géographique* that the row describes.
    """

    code: str
    nom: str
    kind: Kind
    year: int
    origin: TerritoryOrigin = "registry"
    nature: Nature | None = None
    zone: Zone = Zone.METRO
    population: int | None = None
    departement: str | None = None
    region: str | None = None
    epci: str | None = None
    ept: str | None = None
    siren: str | None = None
    liaison: int = 0
    covered_by: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def category(self) -> Category:
        """Category for scores and rankings."""
        return category_of(self.kind, self.nature, self.population)

    @property
    def stratum(self) -> str | None:
        """DGF stratum of a commune ("7500-9999"); null for anything else or without population."""
        if self.kind is not Kind.COMMUNE or self.population is None:
            return None
        return stratum_of(self.population)

    @property
    def ranked(self) -> bool:
        """Whether rankings list it: the *collectivités d'outre-mer* are listed, unranked."""
        return self.zone is not Zone.COM and self.category is not Category.AUTRES

    @property
    def full_name(self) -> str:
        """Name as people read it: no abbreviation, typographic apostrophes."""
        nature, _, rest = self.nom.partition(" ")
        if self.kind is Kind.EPCI and rest and nature in _NATURES:
            return f"{_NATURES[nature]} {rest}".replace("'", "’")
        return self.nom.replace("'", "’")

    @property
    def timezone(self) -> str:
        """Name of its time zone in the IANA database; of Polynesia that of Tahiti."""
        return _ZONES.get((self.departement or self.code)[:3], "Europe/Paris")

    @property
    def with_de(self) -> str:
        """Name after "de", joined as French does: « du Havre », « de l’Ain », « d’Albi »."""
        if self.kind in (Kind.EPCI, Kind.EPT):
            return _join_grouping(self.full_name)
        return _join_de(self.nom, self.liaison)


_NATURES = {
    "CC": "Communauté de communes",
    "CA": "Communauté d’agglomération",
    "CU": "Communauté urbaine",
}
_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
"""By the first three characters of the INSEE code; everywhere else it is that of Paris."""

_VOWELS = "AEIOUYÀÂÉÈÊËÎÏÔÙÛÜŒÆ"

# TNCC → (article that a name may carry, contracted form with "de").
_DE = {
    1: ("", "d’"),
    2: ("Le ", "du "),
    3: ("", "de "),
    4: ("Les ", "des "),
    5: ("", "de "),
    6: ("Aux ", "des "),
}
# Names of départements and régions come without their article: « la Creuse », « l’Ain ».
_DE_BARE = {3: "de la ", 5: "de l’"}
_ARTICLES = ("La ", "L'", "L’")


def _join_de(nom: str, liaison: int) -> str:
    if liaison in _DE_BARE and not nom.startswith(_ARTICLES):
        return _DE_BARE[liaison] + nom
    article, joined = _DE.get(liaison, ("", "de "))
    return joined + nom.removeprefix(article)


def _join_grouping(name: str) -> str:
    """INSEE says nothing of how names of groupings are joined: by their first word."""
    if name.startswith("Communauté"):
        return f"de la c{name[1:]}"
    if name.startswith("Métropole"):
        return f"de la {name}"
    if name.startswith("Eurométropole"):
        return f"de l’{name}"
    return f"d’{name}" if name[0] in _VOWELS else f"de {name}"
