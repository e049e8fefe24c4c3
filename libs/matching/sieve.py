"""The words of the watches, as a coarse sieve: whatever may match passes, the rest is dropped.

The alert service decides what matches; here it is only a matter of not publishing every post of the
world. So this must never drop what could match, now or once the watch looks for a little less.
"""

from collections.abc import Callable, Iterable, Mapping

from contracts.watches import Query, Watched
from libs.matching.language.fields import About
from libs.matching.match import Matcher


class Sieve:
    """Tells whether a text holds one of the terms that active watches look for on a network."""

    def __init__(self, network: str, watches: Iterable[Watched]) -> None:
        self._about = About(network)
        self._matcher = Matcher(
            (watch.watch, _loosened(watch.query)) for watch in watches if watch.state == "active"
        )

    def passes(self, text: str) -> bool:
        """Tell whether some term stands in the text."""
        return self._matcher.finds(text, self._about)


class CurrentSieve:
    """The sieve of a network for the watches as they are now; made anew only where they look for
    something else: the terms of ten thousand watches take seconds to make ready.
    """

    def __init__(self, network: str, watches: Callable[[], Mapping[str, Watched]]) -> None:
        self._network = network
        self._watches = watches
        self._sieve = Sieve(network, ())
        self._of: dict[str, int] = {}

    def get(self) -> Sieve:
        """Return the sieve of the watches that are active now."""
        watches = self._watches()
        state = {
            name: watch.settled or watch.revision  # « J’ai vu » changes nothing that is looked for
            for name, watch in watches.items()
            if watch.state == "active"
        }
        if state != self._of:
            self._sieve, self._of = Sieve(self._network, watches.values()), state
        return self._sieve


def _loosened(query: Query) -> Query:
    """Return a query that finds all that this one finds, and more: one term is enough."""
    return Query.model_construct(any=query.any or query.all, networks=query.networks)
