"""The place that somebody names: in the field of a form, or as « lieu:Lens » in an expression."""

import re
from collections.abc import Callable

from contracts.territories import Territories, Territory
from libs.matching.asked import meant
from libs.matching.language.fields import PLACE

CHOICES_SHOWN = 6
LONGEST_DEPARTEMENT = 3

_NAMED = re.compile(
    r"«[^«»\n]*»|\"[^\"\n]*\"|“[^“”\n]*”"
    r"|(?i:\blieu)[^\S\n]?:[^\S\n]?(?:«(?P<angled>[^«»\n]*)»|\"(?P<straight>[^\"\n]*)\""
    r"|“(?P<curly>[^“”\n]*)”|(?P<word>[^\s,;()«»\"“”]+))"
)


def the_place(
    known: Territories, typed: str, refusal: Callable[[Territory], str | None]
) -> Territory:
    """Return the territory of a code or a name; of several, the one that is not refused.

    Raises `ValueError`, with a sentence in French that says what is to be typed.
    """
    found = meant(known, typed)
    allowed = [one for one in found if not refusal(one)] or found
    if not allowed:
        raise ValueError("Aucune collectivité n’a ce nom ni ce code.")
    if len(allowed) > 1:
        which = " ; ".join(f"{known.place(one)} : {one.code}" for one in allowed[:CHOICES_SHOWN])
        raise ValueError(f"Plusieurs collectivités répondent, donnez le code de la vôtre. {which}.")
    return allowed[0]


def with_codes(known: Territories, typed: str) -> str:
    """Return an expression in which each « lieu: » has a code in place of a name.

    Phrases between quotation marks stay. Raises `ValueError` for a place that nobody has, or that
    several have, with a sentence in French.
    """

    def coded(found: re.Match[str]) -> str:
        said = next((name for name in found.groups() if name is not None), "").strip()
        if not said or (PLACE.fullmatch(said.upper()) and len(said) <= LONGEST_DEPARTEMENT):
            return found[0]
        try:
            return f"lieu:{the_place(known, said, lambda _: None).code}"
        except ValueError as error:
            raise ValueError(f"« lieu:{said} » : {error}") from None

    return _NAMED.sub(coded, typed)
