"""What a collector published, held against the truth of the world that it observed.

Everything is judged from events and from the world: nothing is asked of the collector. Each problem
is a sentence; a claim holds when none is of its kind.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from contracts.accounts import ACCOUNT_COUNTERS, AccountObserved
from contracts.event import Event
from contracts.jobs import JobEnded
from contracts.networks import BY_SLUG
from contracts.posts import POST_COUNTERS, PostObserved
from simulation.country.accounts import Account
from simulation.country.days import DAY, HOUR, MINUTE, iso
from simulation.country.posts import Post
from simulation.country.world import World
from simulation.network import Sight, absent_of, seen, shown
from simulation.networks.rss import manner
from tests.collector.simulated import asked_by_name
from tests.simulation.collecting import observed

BACKFILL = 30 * DAY
SEVENTH = 7 * DAY
AROUND = DAY
CONFIRMATION = 2 * HOUR
"""A deletion is told ten minutes after the reading that finds nothing, faults not counted."""

READ = ("done", "unchanged")
PAGES = ("posts", "feed")
Claim = str
CLAIMS = ("fresh", "renamed", "deleted", "invented", "figures")


class Gap(NamedTuple):
    """A time (seconds) that something took, of a network and a kind."""

    network: str
    kind: str
    seconds: int


class Judgement:
    """Judges events one after the other, then what they should have been in all."""

    def __init__(self, world: World, start: int, end: int) -> None:
        self.world = world
        self.start, self.end = start, end
        self.accounts = {account.id: account for account in world.accounts}
        self.visible = {one.id for one in world.accounts if self._visible(one)}
        self.problems: defaultdict[Claim, list[str]] = defaultdict(list)
        self.compared: Counter[tuple[str, str]] = Counter()
        self.events: Counter[str] = Counter()
        self.gaps: list[Gap] = []
        self._profiles: defaultdict[str, list[int]] = defaultdict(list)
        self._pages: defaultdict[str, list[int]] = defaultdict(list)
        self._handles: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._readings: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._deleted: dict[tuple[str, str], int] = {}
        self.gone: defaultdict[str, list[int]] = defaultdict(list)
        self.refused: defaultdict[str, list[int]] = defaultdict(list)
        self.asked_alone: list[tuple[str, ...]] = []
        self._posts: dict[str, dict[str, tuple[Post, Sight]]] = {}

    def _visible(self, account: Account) -> bool:
        """Whether the world shows the account to us, and does so all along."""
        walled = account.network == "rss" and manner(self.world, account) == "wall"
        return (
            observed(account)
            and account.role != "mayor"
            and not walled
            and account.open_at(self.start)
            and account.open_at(self.end)
        )

    def posts(self, account: Account) -> dict[str, tuple[Post, Sight]]:
        """The posts that may have been seen of an account, by native id."""
        known = self._posts.get(account.id)
        if known is None:
            found = self.world.press.between(account, self.start - BACKFILL - 8 * DAY, self.end)
            sights = ((post, seen(self.world, post, post.created)) for post in found)
            known = self._posts[account.id] = {one.native_id: (post, one) for post, one in sights}
        return known

    def hear(self, event: Event) -> None:
        """Judge one event, and remember when it was."""
        self.events[type(event).__name__] += 1
        match event:
            case AccountObserved():
                self._account(event)
            case PostObserved():
                self._post(event)
            case JobEnded():
                self._ended(event)
            case _:
                pass

    def _problem(self, claim: Claim, text: str) -> None:
        self.problems[claim].append(text)

    def _ended(self, event: JobEnded) -> None:
        moment = seconds(event.ended_at)
        for subject in event.gone:
            self.gone[subject].append(moment)
        if event.cause == "refused":
            self.refused[event.subject].append(moment)
        self.asked_alone += [event.alone] if event.alone else []
        if event.cause in READ and event.operation in PAGES and not event.page:
            for subject in event.subjects:
                self._pages[subject].append(moment)

    def _account(self, event: AccountObserved) -> None:
        account, moment = self.accounts[event.account], seconds(event.observed_at)
        self._profiles[account.id].append(moment)
        self._handles[account.id].append((moment, event.handle))
        if not account.open_at(moment) or not observed(account):
            self._problem("invented", f"{account.id} cannot be seen at {iso(moment)}")
        figures = shown(self.world, account, moment)
        absent = absent_of(account)
        where = f"{account.network} {account.id} at {iso(moment)}"
        for name in ACCOUNT_COUNTERS:
            self._compare(event, name, figures.get(name), absent.get(name), where)

    def _post(self, event: PostObserved) -> None:
        account, moment = self.accounts[event.account], seconds(event.observed_at)
        where = f"{account.network} post {event.native_id} at {iso(moment)}"
        found = self.posts(account).get(event.native_id)
        if found is None:
            self._problem("invented", f"{where}: there is no such post")
            return
        post, sight = found
        there = post.deleted_at is None or moment < post.deleted_at
        if event.state == "deleted":
            self._deleted[account.id, event.native_id] = moment
            if there and not account.closed_by(moment):
                self._problem("deleted", f"{where}: told deleted, and is there")
            if any(getattr(event, name) is not None for name in POST_COUNTERS):
                self._problem("invented", f"{where}: deleted, with counters")
            return
        if not there or moment < post.created:
            self._problem("invented", f"{where}: told present, and is not")
        if iso(seconds(event.published_at)) != sight.published_at[:19]:
            self._problem("figures", f"{where}: published at {event.published_at}")
        counters = self.world.counters(post, moment)
        for name in POST_COUNTERS:
            self._compare(event, name, getattr(counters, name), sight.absent.get(name), where)
        self._readings[account.id, event.native_id].append(moment)

    def _compare(
        self,
        event: AccountObserved | PostObserved,
        name: str,
        figure: int | None,
        reason: str | None,
        where: str,
    ) -> None:
        """Compare a counter with the truth: the figure, or null with the reason that is true."""
        value, told = getattr(event, name), event.absent.get(name)
        if value is None:
            self.compared[event.network, "null"] += 1
            if told == "not_asked":
                # Truly so: a channel's feed has no comments, open or closed.
                self.compared[event.network, "not asked"] += 1
            elif told != reason:
                self._problem("figures", f"{where}: {name} null ({told}), expected {reason}")
            return
        self.compared[event.network, "equal"] += value == figure
        if reason is not None:
            self._problem("invented", f"{where}: {name} {value}, which nobody may see ({reason})")
        elif value != figure:
            self._problem("figures", f"{where}: {name} {value}, the world says {figure}")

    def conclude(self, renamed: Iterable[Account], registered: Mapping[str, int]) -> None:
        """Judge what should have been: freshness, renames, deletions, seventh days.

        `registered` are the accounts whose new handle was given by hand, and when.
        """
        for account in self.accounts.values():
            if account.id in self.visible:
                self._fresh(account, registered.get(account.id))
                self._all_posts(account)
        for account in renamed:
            self._renamed(account, registered.get(account.id))

    def _hidden(self, account: Account, since: int, until: int) -> int:
        """Seconds of a time in which nobody could see the account, and until it is asked again."""
        return sum(
            end - begin + HOUR + MINUTE
            for begin, end in account.hidden_spans
            if begin < until and end > since
        )

    def _fresh(self, account: Account, by_hand: int | None) -> None:
        """No time between two readings is longer than the network's target."""
        freshness = BY_SLUG[account.network].freshness
        kinds = [("posts", freshness.posts, self._pages[account.id])]
        if BY_SLUG[account.network].account_counters:
            kinds.append(("profile", freshness.profile, self._profiles[account.id]))
        for kind, target, moments in kinds:
            for before, after in spans(self.start, moments, self.end):
                renamed = account.renamed_at
                # By its old name alone: nobody can read it before the new one is registered.
                if by_hand is not None and renamed and before < by_hand and after >= renamed:
                    continue
                self.gaps.append(Gap(account.network, kind, after - before))
                if after - before > target + self._hidden(account, before, after):
                    text = f"{account.network} {account.id}: {kind} not read from {iso(before)}"
                    self._problem("fresh", f"{text} to {iso(after)}")

    def _all_posts(self, account: Account) -> None:
        network = BY_SLUG[account.network]
        for native_id, (post, _) in self.posts(account).items():
            key = (account.id, native_id)
            moments = sorted(self._readings.get(key, ()))
            if post.created >= self.start:
                self._first_sight(account, post, moments)
            if not network.freshness.readings:
                continue
            self._seventh_day(account, post, moments)
            if post.deleted_at is not None and moments:
                self._deletion(account, post, moments, self._deleted.get(key))

    def _first_sight(self, account: Account, post: Post, moments: list[int]) -> None:
        target = BY_SLUG[account.network].freshness.posts
        left = min(post.deleted_at or self.end, self.end) - post.created
        if moments:
            self.gaps.append(Gap(account.network, "new post", moments[0] - post.created))
        target += self._hidden(account, post.created, post.created + target)
        late = (moments[0] - post.created if moments else left) > target
        if late and not self._unreadable(account, post.created, target):
            self._problem("fresh", f"{account.network} {account.id}: post of {iso(post.created)} "
                          f"first seen {iso(moments[0]) if moments else 'never'}")  # fmt: skip

    def _unreadable(self, account: Account, since: int, target: int) -> bool:
        """Whether nobody could have seen a post of that moment in time: a name unknown to us."""
        if asked_by_name(account) and account.renamed_at is not None:
            return since + target >= account.renamed_at and since < account.renamed_at + DAY
        return False

    def _seventh_day(self, account: Account, post: Post, moments: list[int]) -> None:
        low, high = post.created + SEVENTH - AROUND, post.created + SEVENTH + AROUND
        if low < self.start or high > self.end:
            return
        if post.deleted_at is not None and post.deleted_at <= high:
            return
        ages = [moment - post.created - SEVENTH for moment in moments if low <= moment <= high]
        if ages:
            nearest = min(ages, key=abs)
            self.gaps.append(Gap(account.network, "seventh day", abs(nearest)))
        else:
            self._problem("fresh", f"{account.network} {account.id}: post of {iso(post.created)} "
                          "not read between day 6 and day 8")  # fmt: skip

    def _deletion(self, account: Account, post: Post, moments: list[int], told: int | None) -> None:
        """A post seen, then deleted, is told deleted at the first reading that follows."""
        deleted = post.deleted_at or 0
        if deleted >= self.end or deleted < self.start or moments[0] >= deleted:
            return
        due = self._next_reading(account, post, deleted)
        if due is not None:
            due += self._hidden(account, deleted, due)
        if told is not None:
            self.gaps.append(Gap(account.network, "deletion", told - deleted))
        elif due is not None and due < self.end:
            self._problem("deleted", f"{account.network} {account.id}: post of "
                          f"{iso(post.created)} deleted {iso(deleted)}, never told")  # fmt: skip

    def _next_reading(self, account: Account, post: Post, deleted: int) -> int | None:
        """When the first reading after a deletion is over, confirmation included; None: no more."""
        freshness = BY_SLUG[account.network].freshness
        for age in freshness.readings:
            if post.created + age > deleted:
                # With pages, a reading may wait for the next page.
                return post.created + age + min(age // 2, DAY) + freshness.posts + CONFIRMATION
        return None

    def _renamed(self, account: Account, by_hand: int | None) -> None:
        assert account.renamed_at is not None
        told = [moment for moment, handle in self._handles[account.id]
                if handle == account.observed_handle(self.end)]  # fmt: skip
        stale = [moment for moment, handle in self._handles[account.id]
                 if handle != account.observed_handle(moment)]  # fmt: skip
        if stale:
            self._problem("renamed", f"{account.network} {account.id}: an old name after {stale}")
        if not told:
            self._problem("renamed", f"{account.network} {account.id}: its new name is not told")
            return
        since = account.renamed_at if by_hand is None else by_hand
        kind = "rename" if by_hand is None else "rename registered"
        self.gaps.append(Gap(account.network, kind, told[0] - since))
        if by_hand is not None:
            missed = [moment for moment in self.gone[account.id] if moment >= account.renamed_at]
            if not missed:
                self._problem("renamed", f"{account.network} {account.id}: never told as gone")
            else:
                self.gaps.append(
                    Gap(account.network, "rename told gone", missed[0] - account.renamed_at)
                )


def seconds(moment: datetime) -> int:
    """Return whole seconds since 1970, as the world counts."""
    return int(moment.timestamp())


def spans(start: int, moments: Iterable[int], end: int) -> Iterator[tuple[int, int]]:
    """Return the times without a reading: from the start, between two of them, to the end."""
    known = [start, *sorted(moments), end]
    yield from pairwise(known)
