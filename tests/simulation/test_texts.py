"""What the invented accounts say is French: elisions, contractions, typographic apostrophes."""

import re
from itertools import chain

import pytest

from simulation.texts import Writer, grammar

WRONG = re.compile(
    r"'"
    r"|\b(?:de|que|le|la|je|ne|se) (?:[aeiouyéèêîôAEIOUÉÈÊÎÔ])"
    r"|\b[àÀ] les? |\b[dD]e les? "
    r"|(?:^|[^.!?…»] )D’Essai"
    r"|\{|\}"
)
RIGHT = re.compile(r"\b(?:le|la) (?:onze|oui|yaourt)")
TEMPLATES = [
    *chain.from_iterable(theme.templates for theme in grammar().themes.values()),
    *chain.from_iterable(grammar().mentions.values()),
    *chain.from_iterable(crisis.templates for crisis in grammar().crises.values()),
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_french_whatever_fills_it(template: str) -> None:
    writer, given = Writer(), {"place": "Essai-sur-Onde", "de_place": "d’Essai-sur-Onde"}
    for seed in range(60):
        text = writer.fill(template, seed * 7_919_317, given)
        assert not WRONG.search(RIGHT.sub("", text)), text
        assert text[0] == text[0].upper()
