"""The language in which people write what they look for, read or refused at the very sign.

    coupure d’eau, inondation            one of them: commas and lines are OU (OR)
    (incendie OU feu) ET "Port-Mirage"   ET (AND) binds more than OU
    inond*                               whatever begins so
    incendie NEAR/5 école                within five words, in any order (PROCHE/5)
    eau SAUF exercice                    SAUF (NOT) takes away from the whole line
    incendie réseau:bluesky              réseau, langue, type of the text (`fields.py`), beside the
                                         words or after ET and SAUF
    feu type:publication lieu:62498      lieu and abonnés of a registered account or a source

Words side by side are one phrase; quotation marks hold what would else be an operator.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from contracts.watches import LONGEST_EXPRESSION, LONGEST_TERM, too_short
from libs.matching.language.expression import (
    All,
    Any,
    Known,
    Near,
    Node,
    Without,
    Word,
    unaccompanied,
    united,
    worded,
)
from libs.matching.language.fields import ASKED_OF, field_of
from libs.matching.term import term_of
from libs.matching.words import PREFIX_LEAST

_TOKEN = re.compile(
    r"(?P<blank>[^\S\n]+)|(?P<line>\n)|(?P<comma>[,;])|(?P<open>\()|(?P<close>\))"
    r"|(?P<quoted>«[^«»\n]*»|\"[^\"\n]*\"|“[^“”\n]*”)"
    r"|(?P<field>(?i:abonn(?:é|e\u0301?)s)[^\S\n]?(?::[^\S\n]?[<>≤≥]?|[<>≤≥])=?[^\S\n]?"
    r"(?:\d{1,3}(?:[^\S\n]\d{3}|\.\d{3})+|\d+)(?![^\s,;()«»\"“”])"
    r"|(?i:r(?:é|e\u0301?)seau|langue|type|lieu|abonn(?:é|e\u0301?)s)[^\S\n]?:"
    r"[^\S\n]?[^\s,;()«»\"“”]*)"
    r"|(?P<near>(?:NEAR|PROCHE)/\d+(?!\w))"
    r"|(?P<any>(?:OU|OR)(?![\w'’-]))|(?P<all>(?:ET|AND)(?![\w'’-]))"
    r"|(?P<not>(?:SAUF|NOT)(?![\w'’-]))|(?P<words>[^\s,;()«»\"“”]+)"
)
_NAME = re.compile(r"[\s:<>≤≥]")
_QUOTES = '«»“”" \u00a0\u202f'
NEAREST_MOST = 50
"""Words that may stand between two terms near each other."""

DEEPEST = 20
"""Parentheses within parentheses that are read: nobody follows more, and each takes five calls."""
SAUF_MOST = 50
"""Times that SAUF takes away from one line, each of which stands within the one before."""


SHOWN_BEFORE = 20
"""Signs that an error quotes: nobody counts to the fortieth on a telephone."""


class BadQuery(ValueError):
    """What was typed is no query; `place` is where in it (from 0), the text says what was wanted.

    The text is in French, to be shown.
    """

    def __init__(self, why: str, typed: str, place: int) -> None:
        before = typed[:place]
        line = before.count("\n") + 1
        column = place - (before.rfind("\n") + 1) + 1
        where = f"ligne {line}, caractère {column}" if "\n" in typed else f"caractère {column}"
        if after := before.rpartition("\n")[2][-SHOWN_BEFORE:].strip():
            where += f", après « {after} »"
        super().__init__(f"{where[:1].upper()}{where[1:]} : {why}")
        self.place = place


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int


@lru_cache(10_000)
def read(typed: str) -> Node | None:
    """Read an expression; None when nothing is typed. Raises BadQuery."""
    if len(typed) > LONGEST_EXPRESSION:
        raise BadQuery(f"{LONGEST_EXPRESSION} signes au plus.", typed, LONGEST_EXPRESSION)
    return _Reader(typed).read()


class _Reader:
    """One reading of what was typed, sign by sign."""

    def __init__(self, typed: str) -> None:
        self._typed = typed
        self._tokens = list(self._tokenized())
        self._next = 0
        self._depth = 0
        self._taken_away = 0

    def _tokenized(self) -> Iterator[_Token]:
        place = 0
        depth = 0
        while place < len(self._typed):
            found = _TOKEN.match(self._typed, place)
            if found is None:
                raise self._bad('ces guillemets ne se referment pas ; attendu : » ou ".', place)
            kind = found.lastgroup or ""
            depth += {"open": 1, "close": -1}.get(kind, 0)
            if kind == "line" and depth > 0:
                kind = "comma"
            if kind != "blank":
                yield _Token(kind, found[0], place)
            place = found.end()

    def _bad(self, why: str, place: int | None = None) -> BadQuery:
        if place is None:
            token = self._peek()
            place = token.place if token else len(self._typed)
        return BadQuery(why, self._typed, place)

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, *kinds: str) -> _Token | None:
        token = self._peek()
        if token is None or token.kind not in kinds:
            return None
        self._next += 1
        return token

    def read(self) -> Node | None:
        lines: list[Node] = []
        while self._peek():
            if self._take("line", "comma"):
                continue
            lines.append(self._line())
            if (token := self._peek()) and token.kind == "close":
                raise self._bad("« ) » sans « ( » avant ; attendu : OU, ET, SAUF ou la fin.")
        return united(Any, lines) if lines else None

    def _line(self) -> Node:
        """Read alternatives, and what SAUF takes away from all of them."""
        begun = self._next
        if not self._depth:
            self._taken_away = 0
        node = self._alternatives()
        while self._without():
            node = Without(node, self._alternatives())
        if not self._depth and not worded(node):
            field = next(one for one in self._tokens[begun:] if one.kind == "field")
            why = f"« {field.text} » seul trouverait tout ; attendu : un mot à côté, comme "
            raise self._bad(f"{why}« inondation {field.text} ».", field.place)
        if not self._depth and (alone := unaccompanied(node)):
            raise self._bad(f"« {alone.field} » {ASKED_OF[alone.field.name][1]}.", alone.at)
        return node

    def _alternatives(self) -> Node:
        parts = [self._conjunction()]
        while token := self._take("any", "comma"):
            following = self._peek()
            if token.kind == "comma" and (following is None or following.kind in ("line", "comma")):
                continue
            parts.append(self._conjunction())
        return united(Any, parts)

    def _conjunction(self) -> Node:
        parts: list[Node] = [self._near()]
        while self._take("all") or self._beside(parts[-1]):
            if self._without():
                parts = [Without(united(All, parts), self._near())]
            else:
                parts.append(self._near())
        return united(All, parts)

    def _without(self) -> bool:
        """Tell whether SAUF is next. Raises `BadQuery` for one more than a line may have."""
        token = self._take("not")
        self._taken_away += token is not None
        if token and self._taken_away > SAUF_MOST:
            why = f"plus de {SAUF_MOST} fois SAUF ; attendu : SAUF (a OU b OU c)."
            raise self._bad(why, token.place)
        return token is not None

    def _beside(self, before: Node) -> bool:
        """Tell whether a field and words stand side by side, which is ET."""
        token = self._peek()
        if token is None:
            return False
        words = token.kind in ("words", "quoted", "open")
        return token.kind == "field" or (isinstance(before, Known) and words)

    def _near(self) -> Node:
        node = self._atom()
        while token := self._take("near"):
            distance = int(token.text.partition("/")[2])
            second = self._atom()
            if not isinstance(node, Word) or not isinstance(second, Word):
                raise self._bad(f"{token.text} se met entre deux expressions.", token.place)
            if not 0 < distance <= NEAREST_MOST:
                why = f"la distance va de 1 à {NEAREST_MOST} mots."
                raise self._bad(why, token.place)
            node = Near(node, distance, second)
        return node

    def _atom(self) -> Node:
        if opened := self._take("open"):
            if self._depth == DEEPEST:
                why = f"plus de {DEEPEST} parenthèses l’une dans l’autre."
                raise self._bad(why, opened.place)
            self._depth += 1
            node = self._line()
            self._depth -= 1
            if not self._take("close"):
                raise self._bad(f"« ( » du caractère {opened.place + 1} ne se referme pas ; "
                                "attendu : « ) ».")  # fmt: skip
            return node
        if token := self._take("field"):
            typed = unicodedata.normalize("NFC", token.text)
            name = _NAME.split(typed, maxsplit=1)[0]
            value = typed[len(name) :].strip().removeprefix(":").strip()
            try:
                return Known(field_of(name, value), token.place)
            except ValueError as error:
                raise self._bad(str(error), token.place) from None
        if token := self._take("quoted"):
            return Word(self._checked(token.text.strip(_QUOTES), token.place))
        said: list[_Token] = []
        while one := self._take("words"):
            said.append(one)
        if not said:
            token = self._peek()
            met = f" au lieu de « {token.text.strip() or 'la fin de la ligne'} »" if token else ""
            raise self._bad(f"il manque un mot{met} ; attendu : un mot, « ( » ou des guillemets.")
        start, end = said[0].place, said[-1].place + len(said[-1].text)
        return Word(self._checked(self._typed[start:end], start))

    def _checked(self, term: str, place: int) -> str:
        if why := fault_of(term):
            raise self._bad(why, place)
        return " ".join(term.split())


def fault_of(term: str) -> str | None:
    """Say why a term can never be found; None where it can."""
    if len(term) > LONGEST_TERM:
        return f"« {term[:40]}… » est trop long ; {LONGEST_TERM} signes au plus par expression."
    if not term_of(term).ways:
        return f"« {term} » n’a ni lettre ni chiffre : rien ne serait jamais trouvé."
    before, star, after = term.partition("*")
    letters = before.split()[-1] if before.split() else ""
    if star and (after or len(letters) < PREFIX_LEAST):
        return (
            f"« {term} » : l’étoile se met à la fin, après {PREFIX_LEAST} lettres au moins, "
            "comme dans « inond* »."
        )
    if too_short(term):
        return f"« {term} » est trop court ; une lettre seule est le nom d’une commune, « Y »."
    return None
