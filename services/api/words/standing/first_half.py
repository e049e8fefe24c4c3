"""Pages name places in the first half of a ranking alone, never in the second.

Decision 0013: nobody is shown at the bottom of a list. Files and the api have every
place; these rules are of pages and pictures alone.
"""

from collections.abc import Sequence
from enum import Enum
from typing import TypeVar

from services.api.figures.rows import AccountScore, Peer, RankedAccount


class Half(Enum):
    """Where an account stands among those it is compared with."""

    FIRST = "first"
    MIDDLE = "middle"
    """Ranked in the second half, but its margin reaches the first: neither can be said."""
    SECOND = "second"


def in_first_half(rank: int, ranked: int) -> bool:
    """Whether a rank is in the first half; the one in the middle of an odd number is."""
    return 2 * rank <= ranked + 1


def half(score: AccountScore) -> Half | None:
    """Return the half of an account in its stratum, else in its category; None without a rank."""
    if score.stratum_rank is not None and score.stratum_ranked is not None:
        if in_first_half(score.stratum_rank, score.stratum_ranked):
            return Half.FIRST
        best = score.stratum_high_rank or score.stratum_rank
        return Half.MIDDLE if in_first_half(best, score.stratum_ranked) else Half.SECOND
    if score.rank is not None and score.ranked is not None:
        if in_first_half(score.rank, score.ranked):
            return Half.FIRST
        best = score.high_rank or score.rank
        return Half.MIDDLE if in_first_half(best, score.ranked) else Half.SECOND
    return None


L = TypeVar("L", bound=RankedAccount)


def shown(lines: Sequence[L]) -> list[L]:
    """Return the lines of a ranking that a page shows: the first half, and those without rank."""
    return [
        line
        for line in lines
        if line.rank is None or line.ranked is None or in_first_half(line.rank, line.ranked)
    ]


def shown_peers(peers: Sequence[Peer], account: str) -> list[Peer]:
    """Return the peers that a page shows: the account itself, and those of the first half.

    The account is there without its place when that is in the second.
    """
    found: list[Peer] = []
    for peer in peers:
        if _first(peer):
            found.append(peer)
        elif peer.account == account:
            found.append(peer.model_copy(update=dict.fromkeys(PLACES)))
    return found


PLACES = ("stratum_rank", "rank", "best_place", "worst_place")


def _first(peer: Peer) -> bool:
    if peer.stratum_rank is not None and peer.stratum_ranked is not None:
        return in_first_half(peer.stratum_rank, peer.stratum_ranked)
    if peer.rank is not None and peer.ranked is not None:
        return in_first_half(peer.rank, peer.ranked)
    return True
