"""What is known of a text beside its words, as the language asks for it: `réseau:bluesky`,
`langue:fr`, `type:article`.

What a text does not say leaves nothing out: `langue:fr` lets through what says no language.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from contracts.networks import BY_SLUG, network_of
from libs.matching.words import fold

TextKind = Literal["message", "article", "publication"]
"""Of somebody on a network, of a feed that is watched, of a registered account."""

FieldName = Literal["réseau", "langue", "type"]

NAMES: dict[str, FieldName] = {"reseau": "réseau", "langue": "langue", "type": "type"}
"""Fields as they are compared, and as they are named."""

REFUSED = {
    "lieu": "un texte public ne dit pas d’où il est écrit, et rien n’est déduit de son auteur ; "
    "mettez le nom du lieu parmi les mots",
    "abonnes": "le nombre d’abonnés de qui parle n’est pas gardé : aucun profil d’habitant n’est "
    "tenu ; « type:publication » et « type:article » gardent les comptes officiels et la presse",
}
"""Fields that others have, and why they are none here."""

LANGUAGES = {
    "fr": "français",
    "en": "anglais",
    "de": "allemand",
    "es": "espagnol",
    "it": "italien",
    "pt": "portugais",
    "nl": "néerlandais",
    "ar": "arabe",
    "br": "breton",
    "ca": "catalan",
    "co": "corse",
    "eu": "basque",
    "oc": "occitan",
    "pl": "polonais",
    "ro": "roumain",
    "ru": "russe",
    "tr": "turc",
    "uk": "ukrainien",
    "zh": "chinois",
    "ja": "japonais",
}
"""ISO 639-1, and how French people say it."""


def _plain(value: str) -> str:
    return b" ".join(fold(value)).decode()


_NETWORKS = {
    **{_plain(name): one.slug for one in BY_SLUG.values() for name in (one.slug, one.name)},
    "presse": next(one.slug for one in BY_SLUG.values() if one.mentions == "feed"),
}
_LANGUAGES = {
    **dict(zip(LANGUAGES, LANGUAGES, strict=True)),
    **{_plain(n): c for c, n in LANGUAGES.items()},
}
_KINDS = {kind + plural: kind for kind in get_args(TextKind) for plural in ("", "s")}
_VALUES: dict[FieldName, tuple[dict[str, str], str]] = {
    "réseau": (_NETWORKS, ", ".join([*BY_SLUG, "presse"])),
    "langue": (_LANGUAGES, ", ".join(LANGUAGES)),
    "type": (
        _KINDS,
        "message (d’un habitant), article (d’un flux suivi), publication (d’un compte officiel)",
    ),
}


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a text beside its words; None: it is not known."""

    network: str = ""
    language: str | None = None
    kind: TextKind | None = None


def kind_of(subject_kind: str, network: str) -> TextKind:
    """Return what a text is: a `post` of a registered account, else by where it was read."""
    if subject_kind == "post":
        return "publication"
    return "article" if network_of(network).mentions == "feed" else "message"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that must be known of a text."""

    name: FieldName
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"

    def holds(self, about: About) -> bool | None:
        """Tell whether a text satisfies it; None where that is not known of it."""
        match self.name:
            case "réseau":
                return about.network == self.value if about.network else None
            case "langue":
                said = about.language and about.language.partition("-")[0].lower()
                return said == self.value if said else None
            case "type":
                return about.kind == self.value if about.kind else None


def field_of(name: str, value: str) -> Field:
    """Return a field as it was typed. Raises `ValueError`, with a sentence in French to show."""
    plain = _plain(name)
    if refused := REFUSED.get(plain):
        raise ValueError(f"« {name}: » ne se demande pas : {refused}.")
    known, listed = _VALUES[NAMES[plain]]
    if (found := known.get(_plain(value))) is None:
        raise ValueError(f"« {name}:{value} » ne trouverait jamais rien ; attendu : {listed}.")
    return Field(NAMES[plain], found)


def never(wanted: frozenset[Field], unwanted: frozenset[Field]) -> str | None:
    """Say why no text can satisfy fields together; None where one can."""
    by_name: dict[str, str] = {}
    for one in sorted(wanted, key=str):
        other = by_name.setdefault(one.name, one.value)
        if other != one.value:
            return (
                f"Un texte n’a qu’un {one.name} : « {one.name}:{other} » et « {one} » s’excluent."
            )
        if one in unwanted:
            return f"« {one} » est demandé et écarté : rien ne serait jamais trouvé."
    network, kind = by_name.get("réseau"), by_name.get("type")
    heard = network_of(network).mentions if network else "stream"
    if network and (
        (kind == "article" and heard != "feed") or (kind == "message" and heard != "stream")
    ):
        only = "articles" if heard == "feed" else "publications des comptes officiels"
        return f"Sur {network_of(network).name} aucun {kind} n’est lu, seulement les {only}."
    return None
