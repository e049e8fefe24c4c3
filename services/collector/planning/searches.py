"""What is asked of the networks that have a search, of what watches look for (pure).

A term that several watches look for is asked once, what many look for first. The more is asked, the
more seldom: questions keep their pace, whatever their number.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.event import hashed_id
from contracts.jobs import Progress
from contracts.networks import NETWORKS, Network
from contracts.watches import Query
from libs.matching.language.searched import questions
from services.collector.planning.progress import remember
from services.collector.planning.schedule import Subject, host_part

LONGEST_PACE = timedelta(days=1)
"""What would be asked more seldom is not asked: those that fewest look for. What is found two days
after it was said is told to nobody, and a network may give it a day late."""

MOST_SERVERS = 3

SEARCHED = tuple(network for network in NETWORKS if network.search is not None)


class Asked(NamedTuple):
    """A question to a network, by its handle (`tag@server`, or the words).

    `pace` is how often it is asked, `apart` how far from others that begin with it.
    """

    id: str
    network: Network
    handle: str
    pace: timedelta
    apart: timedelta


def searches(
    subjects: Mapping[str, Subject],
    queries: Collection[Query],
    has_credential: Callable[[str], bool],
) -> tuple[list[str], list[Asked]]:
    """Return the searches to end, of those among the subjects, and all those wanted.

    Of a network of servers, those are asked that answered us of most accounts.
    """
    wanted = [
        one
        for network in SEARCHED
        if not network.needs_token or has_credential(network.slug)
        for one in asked(network, queries, _servers(subjects, network))
    ]
    kept = {one.id for one in wanted}
    ended = [one.id for one in subjects.values() if one.kind == "search" and one.id not in kept]
    return ended, wanted


def anew_or_paced(
    subjects: Mapping[str, Subject],
    wanted: Iterable[Asked],
    remembered: dict[str, Progress],
    now: datetime,
) -> Iterator[Subject]:
    """Yield the subjects of what is asked for the first time, or at another pace than before.

    What an earlier leader `remembered` of one is taken from there.
    """
    begun = 0
    for one in wanted:
        subject = subjects.get(one.id)
        if subject is not None and subject.pace == one.pace:
            continue
        if subject is None:
            first_at = now + begun * one.apart
            subject = Subject(one.id, one.network, one.handle, kind="search", first_at=first_at)
            begun += 1
            if (held := remembered.pop(one.id, None)) is not None:
                remember(subject, held, now)
        subject.pace = one.pace
        yield subject


def asked(
    network: Network, queries: Iterable[Query], servers: Sequence[str] = ()
) -> Sequence[Asked]:
    """Return what is asked of a network, of these servers where it has several."""
    search = network.search
    if search is None or (search.by_server and not servers):
        return ()
    wanted = Counter(question for query in queries for question in questions(network, query))
    most = int(LONGEST_PACE.total_seconds()) // search.pace
    chosen = sorted(wanted, key=lambda one: (-wanted[one], one))[:most]
    pace = timedelta(seconds=max(search.soonest, len(chosen) * search.pace))
    handles = (
        [f"{question}@{server}" for server in servers[:MOST_SERVERS] for question in chosen]
        if search.by_server
        else chosen
    )
    return [
        # The id is written where many read: it says nothing of what a watch looks for.
        Asked(
            f"search:{network.slug}:{hashed_id('search', handle)}",
            network,
            handle,
            pace,
            timedelta(seconds=search.pace),
        )
        for handle in handles
    ]


def _servers(subjects: Mapping[str, Subject], network: Network) -> Sequence[str]:
    """Return the servers of accounts that were read, those of most accounts first."""
    hosts = Counter(
        host_part(one.name)
        for one in subjects.values()
        if one.network is network and one.kind != "search" and one.profile_at
    )
    return sorted(hosts, key=lambda host: (-hosts[host], host))
