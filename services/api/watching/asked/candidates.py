"""The declared candidates of an election, by the list that an installation keeps in a file.

One name a line, as ballots write it (« Jean Dupont », « liste Ensemble pour Essai »); `#` begins a
remark. No watch looks for them, whoever makes it.
"""

from functools import lru_cache
from pathlib import Path

from contracts.watches import Query
from libs.matching.persons import named_in

DECLARED = (
    "C’est un candidat déclaré : aucune veille ne le suit, qui que soit celui qui la demande. "
    "Surveillez le sujet plutôt que la personne."
)


def candidates(query: Query, file: Path | None) -> tuple[str, ...]:
    """Return the terms of a query that name somebody of the list, as they were typed.

    The list is read again when it changes. Raises `OSError` where it is not there.
    """
    if file is None:
        return ()
    return named_in((*query.any, *query.all), _names(file, file.stat().st_mtime_ns))


@lru_cache(2)
def _names(file: Path, _changed: int) -> tuple[str, ...]:
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    said = (line.partition("#")[0].strip() for line in lines)
    return tuple(dict.fromkeys(name for name in said if name))
