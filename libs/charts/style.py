"""What all drawings share: colours and sizes (axes: `axes.py`)."""

from typing import Any, NamedTuple

PALETTE = {
    "ink": "#1b2733",
    "soft": "#566370",
    "grid": "#e4dfd4",
    "accent": "#0b5c66",
    "band": "#b9dadb",
    "left": "#ecd9bd",
    "other": "#b4540a",
    "third": "#6b4f9a",
    "paper": "#fffdf9",
}
DARK = {
    "ink": "#e8edf0",
    "soft": "#a7b3bc",
    "grid": "#2c3840",
    "accent": "#74cbd3",
    "band": "#1f4d52",
    "left": "#5b4a31",
    "other": "#f2a65e",
    "third": "#bda4ea",
    "paper": "#192127",
}
"""The same names on a dark screen: those of the portal's style sheet."""


ON_ACCENT, ON_ACCENT_DARK = "#ffffff", "#06262a"
WIDTH, HEIGHT = 430, 210
"""Pixels of a picture on a page."""

NARROW_WIDTH = 340
"""For a telephone, where a picture of `WIDTH` would shrink and its words with it."""

FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
"""Fonts of one and the same width; where there is none of them, `held` keeps words in theirs."""

CURVES_MOST = 6
"""Curves that are told apart in one picture."""

Values = list[dict[str, Any]]
"""What is drawn: the fields of a panel by name, a row each."""


class Titles(NamedTuple):
    """What a picture that leaves its page says: its question, of whom and when, whence."""

    question: str
    about: str
    source: str
