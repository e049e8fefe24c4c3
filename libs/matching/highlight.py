"""What was found in a text, where it stands: marked, and quoted as the person wrote it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from libs.matching.reading import Reading
from libs.matching.term import Term, term_of

EXCERPT_CHARACTERS = 300
ELLIPSIS = "…"

Span = tuple[int, int]
"""Where a piece of a text begins and ends: `text[start:end]`."""


def _spans(reading: Reading, term: Term) -> Iterator[Span]:
    """Yield where a term stands in a text, whatever signs are between its words."""
    for first, last in term.spans(reading):
        yield reading.words[first].start, reading.words[last].end


def marked(text: str, terms: Sequence[str]) -> list[tuple[str, bool]]:
    """Cut a text at the terms that stand in it: pieces, and whether each was looked for.

    Only whole words are marked, across no-break spaces and ends of lines; where terms overlap the
    mark is one.
    """
    reading = Reading(text)
    spans = sorted({span for term in terms for span in _spans(reading, term_of(term))})
    pieces: list[tuple[str, bool]] = []
    place = 0
    for start, end in _united(spans):
        pieces += [(text[place:start], False), (text[start:end], True)]
        place = end
    pieces.append((text[place:], False))
    return [piece for piece in pieces if piece[0]]


def _united(spans: Sequence[Span]) -> Iterator[Span]:
    """Yield spans in order, those that overlap as one."""
    begun, reached = 0, 0
    for start, end in spans:
        if start >= reached:
            if reached:
                yield begun, reached
            begun = start
        reached = max(reached, end)
    if reached:
        yield begun, reached


@dataclass(frozen=True, slots=True)
class Quotation:
    """What was found, as the person wrote it: each term's first spelling, and the text around."""

    terms: tuple[str, ...]
    excerpt: str


def quote(text: str, terms: Sequence[str], body: int = 0) -> Quotation:
    """Return the terms of a hit in their original spelling, and the text around the first.

    The excerpt is taken after the title, from `body` on; where the title alone has the terms, it is
    the first words of the body. It has 300 characters at most, ellipses included, and is cut
    between words.
    """
    reading = Reading(text)
    standing = [sorted(_spans(reading, term_of(term))) for term in terms]
    spelled = dict.fromkeys(
        " ".join(text[start:end].split())
        for start, end in sorted(spans[0] for spans in standing if spans)
    )
    told = (span for spans in standing for span in spans if span[0] >= body)
    start, end = min(told, default=(body, body))
    return Quotation(tuple(spelled), _excerpt(text[body:], start - body, end - body))


def _excerpt(text: str, start: int, end: int) -> str:
    """Cut the text to the limit around a span, at spaces where there are some near."""
    text = text.strip() if len(text.strip()) <= EXCERPT_CHARACTERS else text
    if len(text) <= EXCERPT_CHARACTERS:
        return text
    room = max(0, EXCERPT_CHARACTERS - (end - start) - 2 * len(ELLIPSIS))
    left = max(0, min(start - room // 3, len(text) - EXCERPT_CHARACTERS + 2 * len(ELLIPSIS)))
    right = min(len(text), left + EXCERPT_CHARACTERS - 2 * len(ELLIPSIS))
    if left and (space := text.find(" ", left, start)) >= 0:
        left = space + 1
    if right < len(text) and (space := text.rfind(" ", max(end, left), right)) >= 0:
        right = space
    before = ELLIPSIS if left else ""
    after = ELLIPSIS if right < len(text) else ""
    return f"{before}{text[left:right].strip()}{after}"
