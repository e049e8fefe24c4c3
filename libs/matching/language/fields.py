"""What is known of a text beside its words, as the language asks for it: `réseau:bluesky`,
`langue:fr`, `type:article`; of registered accounts and sources, `lieu:62498`, `abonnés:>1000`.

What a text does not say leaves nothing out: `langue:fr` lets through what says no language. A
source that declares no place is of none.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from contracts.networks import BY_SLUG, network_of
from libs.matching.words import fold

TextKind = Literal["message", "article", "publication"]
"""Of somebody on a network, of a feed that is watched, of a registered account."""

ALL_KINDS: frozenset[TextKind] = frozenset(get_args(TextKind))

FieldName = Literal["réseau", "langue", "type", "lieu", "abonnés"]

NAMES: dict[str, FieldName] = {
    "reseau": "réseau", "langue": "langue", "type": "type", "lieu": "lieu", "abonnes": "abonnés"
}  # fmt: skip
"""Fields as they are compared, and as they are named."""

ASKED_OF: dict[FieldName, tuple[frozenset[TextKind], str]] = {
    "lieu": (
        frozenset({"publication", "article"}),
        (
            "ne se demande que d’un compte officiel ou d’une source suivie : un texte d’habitant "
            "ne dit pas d’où il est écrit, et rien n’est déduit de son auteur ; attendu, à côté : "
            "« type:publication » ou « type:article », ou le nom du lieu parmi les mots"
        ),
    ),
    "abonnés": (
        frozenset({"publication"}),
        (
            "ne se demande que d’un compte officiel : aucun profil d’habitant n’est tenu, et un "
            "flux ne dit pas combien le suivent ; attendu, à côté : « type:publication »"
        ),
    ),
}
"""Of which texts alone a field may be asked, and why of no other."""

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
_VALUES: dict[str, tuple[dict[str, str], str]] = {
    "réseau": (_NETWORKS, ", ".join([*BY_SLUG, "presse"])),
    "langue": (_LANGUAGES, ", ".join(LANGUAGES)),
    "type": (
        _KINDS,
        "message (d’un habitant), article (d’un flux suivi), publication (d’un compte officiel)",
    ),
}


PLACE = re.compile(r"\d[0-9AB]\w{0,7}", re.ASCII)
"""The code of a collectivité: INSEE, SIREN, of a département or a région (« 75R »)."""

_COMMUNE_CODE = 5
"""Characters of the code of a commune."""

_PLACE_WANTED = (
    "le code d’une collectivité ou d’un département, comme « lieu:62498 » ou « lieu:62 »"
)
_FOLLOWERS = re.compile(r"(?P<sign>[<>]=?|[≤≥]?)\s*(?P<count>\d+)")
_FOLLOWERS_WANTED = "« abonnés:>1000 » ou « abonnés:<500 »"
MOST_FOLLOWERS = 10**10
"""Beyond, a number is a typing error."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a text beside its words; None: it is not known.

    `places` are the territories for which its author speaks, and `followers` how many follow it.
    Both are known of registered accounts and sources alone.
    """

    network: str = ""
    language: str | None = None
    kind: TextKind | None = None
    places: tuple[str, ...] = ()
    followers: int | None = None


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
            case "lieu":
                if not about.places and about.kind != "article":
                    return None
                return any(_is_in(place, self.value) for place in about.places)
            case "abonnés":
                if about.followers is None:
                    return None
                least, most = self.bounds
                return least <= about.followers <= most

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the fewest and the most followers that are asked for, both included."""
        count = int(self.value[2:])
        return (count, MOST_FOLLOWERS) if self.value.startswith("≥") else (0, count)


def _is_in(place: str, asked: str) -> bool:
    """Tell whether a territory is the one asked for, or a commune of that département."""
    return place == asked or (
        len(place) == _COMMUNE_CODE and len(asked) <= 3 and place.startswith(asked)
    )


def field_of(name: str, value: str) -> Field:
    """Return a field as it was typed. Raises `ValueError`, with a sentence in French to show."""
    field = NAMES[_plain(name)]
    if field == "lieu":
        found, listed = _place(value), _PLACE_WANTED
    elif field == "abonnés":
        found, listed = _followers(value), _FOLLOWERS_WANTED
    else:
        known, listed = _VALUES[field]
        found = known.get(_plain(value))
    if found is None:
        raise ValueError(f"« {name}:{value} » ne trouverait jamais rien ; attendu : {listed}.")
    return Field(field, found)


def _place(value: str) -> str | None:
    code = value.upper()
    return code if PLACE.fullmatch(code) else None


def _followers(value: str) -> str | None:
    """Return bounds that are included, « ≥ 1001 »; a number without a sign is the fewest."""
    said = _FOLLOWERS.fullmatch(re.sub(r"(?<=\d)[\s.](?=\d)", "", value))
    if said is None:
        return None
    count, sign = int(said["count"]), said["sign"]
    count += {">": 1, "<": -1}.get(sign, 0)
    if not 0 <= count <= MOST_FOLLOWERS:
        return None
    return f"{'≤' if sign.startswith(('<', '≤')) else '≥'} {count}"


def never(wanted: frozenset[Field], unwanted: frozenset[Field]) -> str | None:
    """Say why no text can satisfy fields together; None where one can."""
    by_name: dict[str, str] = {}
    least, most = 0, MOST_FOLLOWERS
    for one in sorted(wanted, key=str):
        if one in unwanted:
            return f"« {one} » est demandé et écarté : rien ne serait jamais trouvé."
        if one.name == "abonnés":
            fewest, at_most = one.bounds
            least, most = max(least, fewest), min(most, at_most)
        elif one.name != "lieu" and by_name.setdefault(one.name, one.value) != one.value:
            other = f"{one.name}:{by_name[one.name]}"
            return f"Un texte n’a qu’un {one.name} : « {other} » et « {one} » s’excluent."
    if least > most:
        return f"Aucun compte n’a à la fois {least} abonnés au moins et {most} au plus."
    network, kind = by_name.get("réseau"), by_name.get("type")
    heard = network_of(network).mentions if network else "stream"
    if heard == "feed" and (least, most) != (0, MOST_FOLLOWERS):
        return "Un flux ne dit pas combien le suivent : « abonnés: » n’y trouverait rien."
    if network and (
        (kind == "article" and heard != "feed")
        or (kind == "message" and heard not in ("stream", "search"))
    ):
        only = "articles" if heard == "feed" else "publications des comptes officiels"
        return f"Sur {network_of(network).name} aucun {kind} n’est lu, seulement les {only}."
    return None
