"""Names of categories and strata in SQL: written once, from `contracts/territories/categories.py`.

A view writes `{category_label}` or `{stratum_label}` where it wants the name of a column of `s`.
"""

from collections.abc import Mapping

from contracts.territories.categories import STRATA, Category, stratum_label


def labels() -> Mapping[str, str]:
    """Return each macro with its expression; a code without a name gives an empty text."""
    return {
        "{category_label}": _named("s.category", {each.value: each.label for each in Category}),
        "{stratum_label}": _named("s.stratum", {each: stratum_label(each) for each in STRATA}),
    }


def _named(column: str, names: Mapping[str, str]) -> str:
    codes, texts = (", ".join(f"'{text}'" for text in texts) for texts in (names, names.values()))
    return f"transform({column}, [{codes}], [{texts}], '')"
