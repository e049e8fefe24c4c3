"""Words of a watch that look like somebody's name: asked about before it is made.

A person is watched by whoever answers for the protection of data, or not at all.
"""

import re
from collections.abc import Iterable, Mapping

from contracts.watches import Query
from libs.matching.names import known
from libs.matching.reading import Reading
from libs.matching.words import fold, line

FIRST_NAMES = frozenset(
    b"adam adele adrien agathe agnes alain albert alexandra alexandre alexis alice aline "
    b"amandine amelie anais andre andrea angelique anne annick annie anthony antoine antonin "
    b"arnaud arthur audrey aurelie aurelien baptiste bastien beatrice benedicte benjamin benoit "
    b"bernadette bernard bertrand brigitte bruno camille carine carole caroline catherine cecile "
    b"cedric celine chantal charles charlotte chloe christelle christian christiane christine "
    b"christophe claire claude claudine clement clementine colette corinne cyril damien daniel "
    b"daniele david delphine denis denise didier dominique edouard elisabeth elise elodie emilie "
    b"emma emmanuel emmanuelle eric estelle etienne eva evelyne fabien fabienne fabrice fatima "
    b"florence florent florian francis franck francois francoise frederic gabriel gaelle "
    b"genevieve georges gerard ghislaine gilbert gilles guillaume guy gwenaelle helene henri "
    b"herve hugo hugues ines isabelle jacqueline jacques jean jeanne jeremy jerome jessica joel "
    b"jonathan joseph josiane julie julien juliette karim karine laetitia laura laure laurence "
    b"laurent lea liliane lionel louis louise luc lucas lucie ludovic madeleine manon marc "
    b"marcel marguerite marie marine marion martin martine mathieu mathilde matthieu maurice "
    b"maxime melanie michel michele mohamed monique morgane muriel myriam nadia nadine nathalie "
    b"nicolas nicole noemie olivier pascal pascale patrice patricia patrick paul pauline "
    b"philippe pierre quentin rachid raphael raymond rene richard robert roger roland romain "
    b"sabine samuel sandra sandrine sarah sebastien serge severine simon sofia solange sonia "
    b"sophie stephane stephanie suzanne sylvain sylvie theo therese thibault thierry thomas "
    b"valerie vanessa veronique victor vincent virginie xavier yann yannick yves yvette yvonne "
    b"zoe".split()
)
"""Frequent ones in France, folded; a compound is known by its first part."""

_STANDING = frozenset(b"candidat candidate candidats colistier colistiere tete liste".split())
_PARTS = re.compile(r"[\s\-‐‑._]+")

ASKED = "Est-ce une personne ?"
REFUSED = (
    "Une veille sur une personne demande l’accord de qui veille à la protection des données de la "
    "collectivité, qui la crée ; jamais sur un candidat déclaré. Retirez ce nom, ou surveillez le "
    "sujet plutôt que la personne."
)
ANSWERS: Mapping[str, str] = {
    "non": "Non : une rue, une école, un événement, une entreprise",
    "oui": "Oui, ou un élu",
}


def persons(query: Query) -> tuple[str, ...]:
    """Return the terms that look like the name of somebody, as they were typed."""
    return tuple(one for one in (*query.any, *query.all) if _looks_personal(one))


def named_in(terms: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the terms in which a name stands, or that are two words of one at least."""
    known = [line(name) for name in names]
    return tuple(one for one in terms if any(_names(Reading(one).line, name) for name in known))


def _names(term: bytes, name: bytes) -> bool:
    return name in term or (term.strip().count(b" ") > 0 and term in name)


def _looks_personal(term: str) -> bool:
    handle = term.startswith("@")
    parts = [one for one in _PARTS.split(term.removeprefix("@")) if one]
    if len(parts) < 2 or line(term) in known():
        return False
    first = b"".join(fold(parts[0]))
    named = first in FIRST_NAMES and (handle or all(_capital(one) for one in parts))
    return named or (first in _STANDING and any(one[:1].isupper() for one in parts[1:]))


def _capital(word: str) -> bool:
    return word[:1].isupper() or word.lower() in ("de", "du", "la", "le", "des")
