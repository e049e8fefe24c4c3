"""Names in SQL, written once: of categories and strata (`contracts/territories/categories.py`), of
months, which the engine knows in English alone.

A view writes `{category_label}` or `{stratum_label}` where it wants the name of a column of `s`,
`{month_name}` or `{first_month_name}` where it wants that of its `period` or `first_period`.
"""

from collections.abc import Mapping

from contracts.territories.categories import STRATA, Category, stratum_label

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
)  # fmt: skip


def labels() -> Mapping[str, str]:
    """Return each macro with its expression; a code without a name gives an empty text."""
    return {
        "{category_label}": _named("s.category", {each.value: each.label for each in Category}),
        "{stratum_label}": _named("s.stratum", {each: stratum_label(each) for each in STRATA}),
        "{month_name}": month_name("period"),
        "{first_month_name}": month_name("first_period"),
    }


def month_name(period: str) -> str:
    """Return how an expression whose value is a month is read: "2026-10" is « octobre 2026 »."""
    names = {f"{number:02}": name for number, name in enumerate(MONTHS, 1)}
    return f"concat({_named(f'substring({period}, 6, 2)', names)}, ' ', substring({period}, 1, 4))"


def _named(column: str, names: Mapping[str, str]) -> str:
    codes, texts = (", ".join(f"'{text}'" for text in texts) for texts in (names, names.values()))
    return f"transform({column}, [{codes}], [{texts}], '')"
