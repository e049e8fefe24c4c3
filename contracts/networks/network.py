"""What a network is: what it publishes, allows, costs, and how its accounts are addressed.

Sources: the networks' own documentation, as quoted in each file; values that we chose are marked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from contracts.accounts import ACCOUNT_COUNTERS, AccountCounter
from contracts.event import AbsenceReason
from contracts.jobs import Operation
from contracts.networks.consent import Consent
from contracts.networks.forms import Forms
from contracts.posts import POST_COUNTERS, PostCounter

AccessRoute = Literal["open", "key", "paid", "reviewed", "owner"]

Redistribution = Literal["counters", "scores", "none"]
"""What may leave in bulk: raw counters, only our scores and aggregates, or nothing."""

Mentions = Literal["stream", "feed", "search", "none"]
"""How what others say is read: live, by feeds that are followed, asked for, or not at all."""

BUDGET = "budget"
"""The quota of a network whose objects are paid for: units a day and credential."""

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `requests` per `seconds`, for each `per` (credential, host, or all of us).

    `operations` are those that it pays for (empty: all of the network's).
    """

    requests: int
    seconds: int
    per: Literal["all", "credential", "host"]
    source: str
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what we show may be, in seconds; readings are ages of a post."""

    profile: int = DAY
    posts: int = 6 * HOUR
    stream: int | None = None
    readings: tuple[int, ...] = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 28 * DAY)


@dataclass(frozen=True, slots=True)
class Search:
    """How what others say is asked for: by the words of watches, or the hashtags that they make.

    `by_server`: servers are asked, each of which knows a part. A question is asked every `pace`
    seconds at most (of each server), and the same one every `soonest` at most: what quotas allow
    beside is for accounts. It is asked from `overlap` seconds before the last time, for a post may
    be indexed late. `delay` says to whom watches, in French, how late that is.
    """

    by: Literal["words", "hashtag"]
    pace: int
    soonest: int
    delay: str
    source: str
    by_server: bool = False
    overlap: int = HOUR


@dataclass(frozen=True, slots=True)
class Network:
    """A network; counters that it never publishes are null `not_published`.

    `interactions` are summed, and one that is null takes the post out of the mean;
    `interactions_if_given` count where present. `retention_days`
    is how long others' data may be kept (None: no limit).

    `profiles_per_request` is 0 where the answer to a reading of posts carries the profile;
    `posts_per_request` is 0 where known posts are read again on the account's pages.
    `confirms_one_by_one`: a post that was missing is asked for by itself.
    `costs` are what an operation counts for in the quotas, for each account of a batched call (each
    post of a reading), where a request is not one: a page counts for all that it may hold.
    `not_seen` says in French what a third party does not see, for the documentation; of a network
    of which only presence is noted, why it is not read. `if_gone` is what an agent can do about an
    account that the network does not give though it is there.

    `observed` is False where only presence is noted: a name and its addresses. `paced`: accounts
    are feeds, known by their address, read at their own pace. `ids_by_host`: native ids are each
    host's own. `older_pages` is what asks for older posts where new ones are known from elsewhere.
    Networks of one `family` that are asked with one token share its quota. `credential` is what a
    credential looks like where it is more than a token, as the fictional network takes it. The one
    `shown_first` is on the page where nobody chose another.

    Where reading is paid, a unit of the quota `BUDGET` is worth `unit_price` euros.

    `hosts` are those that are asked over HTTPS, to be opened where going out is closed; none where
    each account has its own. `obtaining` says in French, step by step, how a credential is had, and
    `permissions` are those that it must carry, by the network's own names.

    `wikidata`: the properties by which Wikidata names its accounts, each with the address that a
    value of it makes (`{}` is the value).

    `consent` is how the owner of an account connects it, where that shows more than its route;
    `search` how what others say is asked for, where that is how `mentions` are read.
    """

    slug: str
    name: str
    route: AccessRoute = "open"
    account_counters: tuple[AccountCounter, ...] = ()
    post_counters: tuple[PostCounter, ...] = ()
    interactions: tuple[PostCounter, ...] = ()
    interactions_if_given: tuple[PostCounter, ...] = ()
    scored: bool = True
    observed: bool = True
    derived_metrics: bool = True
    redistribution: Redistribution = "counters"
    retention_days: int | None = None
    quotas: dict[str, Quota] = field(default_factory=dict[str, Quota])
    freshness: Freshness = Freshness()
    profiles_per_request: int = 1
    posts_per_request: int = 1
    page_size: int = 1
    mentions: Mentions = "none"
    search: Search | None = None
    costs: Mapping[Operation, int] = field(default_factory=dict[Operation, int])
    unit_price: float = 0.0
    posts_need_native_id: bool = False
    batches_need_native_id: bool = False
    confirms_one_by_one: bool = False
    address: str = ""
    terms: str = ""
    not_seen: str = ""
    if_gone: str = ""
    source: str = ""
    paced: bool = False
    ids_by_host: bool = False
    older_pages: Operation | None = None
    family: str | None = None
    credential: str = ""
    shown_first: bool = False
    hosts: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    wikidata: Mapping[str, str] = field(default_factory=dict[str, str])
    obtaining: tuple[str, ...] = ()
    forms: Forms = field(default_factory=Forms)
    consent: Consent | None = None

    @property
    def by_owner(self) -> bool:
        """Return whether an account is read by what its owner let us have, or not at all."""
        return self.route == "owner"

    @property
    def needs_token(self) -> bool:
        """Return whether a credential of ours pays for something."""
        return not self.by_owner and any(
            quota.per == "credential" for quota in self.quotas.values()
        )

    def within(self, euros: float | None) -> "Network":
        """Return the network with what so many euros a day buy; itself where nothing is said."""
        if euros is None or not self.unit_price:
            return self
        units = int(euros / self.unit_price)
        return replace(
            self, quotas=self.quotas | {BUDGET: replace(self.quotas[BUDGET], requests=units)}
        )

    def absent_account_counters(self) -> dict[AccountCounter, AbsenceReason]:
        """Return the reason of every account counter that the network never publishes."""
        return {
            name: "not_published" for name in ACCOUNT_COUNTERS if name not in self.account_counters
        }

    def absent_post_counters(self) -> dict[PostCounter, AbsenceReason]:
        """Return the reason of every post counter that the network never publishes."""
        return {name: "not_published" for name in POST_COUNTERS if name not in self.post_counters}
