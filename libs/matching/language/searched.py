"""What is asked of the search of a network for a watch: its words, or hashtags of them (pure).

A watch asks for its most telling terms: one of those that must all be there, else each of its
alternatives.
"""

from collections.abc import Sequence

from contracts.networks import Network
from contracts.watches import Query
from libs.matching.words import fold

MOST_TERMS = 10
"""Alternatives of one watch that are asked for."""

SHORTEST_HASHTAG = 3
PREFIX = "*"


def questions(network: Network, query: Query) -> Sequence[str]:
    """Return what a network is asked for a query, the most telling first.

    Nothing where it has no search, where the query names other networks, or where no term can be
    asked (`inond*`).
    """
    if network.search is None or (query.networks and network.slug not in query.networks):
        return ()
    terms = telling(query)
    if network.search.by == "hashtag":
        tags = (hashtag(term) for term in terms)
        return tuple(dict.fromkeys(tag for tag in tags if tag))
    return tuple(term for term in terms if PREFIX not in term)


def telling(query: Query) -> tuple[str, ...]:
    """Return the terms that tell most of what a query finds: names first, then the longest."""
    terms = sorted(query.all or query.any, key=lambda term: (not term[:1].isupper(), -len(term)))
    return tuple(terms[:1] if query.all else terms[:MOST_TERMS])


def hashtag(term: str) -> str | None:
    """Return the hashtag of a term, as networks compare them; None where it makes none."""
    tag = b"".join(fold(term)).decode()
    if PREFIX in term or len(tag) < SHORTEST_HASHTAG or tag.isdigit() or not tag.isalnum():
        return None
    return tag
