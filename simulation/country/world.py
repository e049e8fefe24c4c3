"""A world: a seed and a size give territories, accounts, posts and mentions, for ever the same.

``territories`` and ``accounts`` are made when first asked for; ``walk`` makes accounts one after
the other for those who do not want them all in memory.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from simulation.country.accounts import Account, InventedAccounts, invented
from simulation.country.chance import Chance, happens, scaled
from simulation.country.crowd import Crowd
from simulation.country.days import HOUR, day_of, midnight
from simulation.country.effects import Influence, Weights, effects_law
from simulation.country.mentions import Mentions
from simulation.country.parameters import Parameters, parameters
from simulation.country.posts import Counters, Post, Press
from simulation.country.territories import Country, Place, country
from simulation.country.texts import Writer, Written

SEED = "france-d-essai"
DEMONSTRATION = 2000
"""Territories of a demonstration."""

_REMEMBERED_DAYS = 64
DAYS_REMEMBERED = 200_000
"""Days of an account kept in memory (most are empty): about 40 MB."""

TEXTS_REMEMBERED = 50_000
"""Texts kept of those written lately."""

NOTHING: list[Post] = []


@cache
def _usual_country(seed: str) -> Country:
    """The country of a seed under the committed parameters: worlds of every size share it."""
    return country(Chance(seed), parameters())


class World:
    """One invented world.

    Args:
        seed: any text.
        size: number of territories; None is the whole country (about 36,000).
        networks: those on which there are accounts, by slug; every network that has a file
            unless it is said.
        effects: whether what a post is changes what it gathers (`effects.yaml`).
    """

    def __init__(
        self,
        seed: str = SEED,
        size: int | None = DEMONSTRATION,
        law: Parameters | None = None,
        networks: Mapping[str, InventedAccounts] | None = None,
        *,
        effects: bool = True,
    ) -> None:
        self.seed = seed
        self.size = size
        self.law = law or parameters()
        self.chance = Chance(seed)
        self.networks = invented() if networks is None else networks
        self.writer = Writer()
        themes, hours = self.writer.weights, self.law.hours
        influence = Influence(
            self.chance,
            effects_law() if effects else None,
            Weights(hours.posts, self.law.weekdays, themes),
            hours.engagement,
        )
        self.crowd = Crowd(self.chance, self.law, self.networks, influence)
        self.press = Press(
            self.chance, self.law, self.crowd, self.networks, influence, tuple(themes.values())
        )
        self._timelines: dict[tuple[str, int], list[Post]] = {}
        self._tallies: dict[int, Tally] = {}
        self._days: dict[tuple[int, int], list[Post]] = {}
        self._texts: dict[tuple[int, int, bool], Written] = {}
        self._deletions: tuple[tuple[str, int, int], list[Post]] = (("", 0, 0), [])

    @cached_property
    def country(self) -> Country:
        """What does not depend on the size."""
        if self.law is parameters():
            return _usual_country(self.seed)
        return country(self.chance, self.law)

    @cached_property
    def places(self) -> Sequence[Place]:
        """The invented territories."""
        rows = self.country.sample(self.size)
        return [self.country.place(row) for row in rows]

    @cached_property
    def place_by_code(self) -> dict[str, Place]:
        """The invented territories by code."""
        return {place.territory.code: place for place in self.places}

    @cached_property
    def accounts(self) -> Sequence[Account]:
        """Every account of the world."""
        return list(self.walk())

    @cached_property
    def by_network(self) -> dict[str, list[Account]]:
        """The accounts of each network."""
        found: defaultdict[str, list[Account]] = defaultdict(list)
        for account in self.accounts:
            found[account.network].append(account)
        return found

    @cached_property
    def mentions(self) -> Mentions:
        """The stream of mentions."""
        laws = ((slug, rules.law.speech) for slug, rules in self.networks.items())
        speeches = {slug: speech for slug, speech in laws if speech is not None}
        return Mentions(self.chance, self.law, self.places, self.writer, speeches)

    def walk(self) -> Iterator[Account]:
        """Accounts one after the other, by territory; nothing is kept."""
        order = {row.code: index for index, row in enumerate(self.country.rows)}
        heart = self.country.codes[self.country.heart]
        centre = next((place for place in self.places if place.part == "centre"), None)
        real = {self.country.codes[code]: index for code, index in order.items()}
        for place in self.places:
            code = place.territory.code
            shared = heart if place is centre and heart in self.place_by_code else None
            for account in self.crowd.accounts(place, real[code], shared):
                # The métropole speaks on some networks by the account of its town.
                if code == heart and centre is not None and account.rules.shared:
                    continue
                yield account

    def place(self, name: str) -> Place:
        """The place of a name; raises KeyError."""
        for place in self.places:
            if place.territory.nom == name:
                return place
        raise KeyError(name)

    def timeline(self, network: str, day: int) -> list[Post]:
        """All the posts of a network on a civil day, oldest first; a few weeks are remembered."""
        key = (network, day)
        known = self._timelines.get(key)
        if known is None:
            known = [
                post
                for account in self.by_network.get(network, ())
                for post in self.press.of_day(account, day)
            ]
            known.sort(key=lambda post: (post.created, post.account.serial))
            while len(self._timelines) >= _REMEMBERED_DAYS:
                self._timelines.pop(next(iter(self._timelines)))
            self._timelines[key] = known
        return known

    def day(self, account: Account, day: int) -> list[Post]:
        """The posts of an account on a civil day; those asked for lately are remembered."""
        key = (account.serial, day)
        known = self._days.get(key)
        if known is None:
            known = self.press.of_day(account, day) if self.press.count(account, day) else NOTHING
            if len(self._days) >= DAYS_REMEMBERED:
                self._days.clear()
            self._days[key] = known
        return known

    def post(
        self, account: Account, number: int, moment: int, *, by_owner: bool = False
    ) -> Post | None:
        """The post of a number, if others see it at a moment, or its owner."""
        seen = Post.kept_at if by_owner else Post.shown_at
        posts = self.day(account, number >> 4)
        return next((one for one in posts if one.number == number and seen(one, moment)), None)

    def latest(
        self,
        account: Account,
        moment: int,
        count: int,
        *,
        before: Post | None = None,
        since: int = 0,
        until: int | None = None,
    ) -> list[Post]:
        """What an account shows at a moment, newest first: a page of at most ``count`` posts.

        Args:
            before: the post after which the page begins (it is not in it).
            since: no post older than this moment.
            until: no post younger than this moment.
        """
        last = moment if until is None else min(moment, until)
        key = (last + 1, 0) if before is None else (before.created, before.number)
        day = day_of(min(last, key[0]))
        first = max(day_of(since), self.crowd.begin_day)
        posts: list[Post] = []
        while len(posts) < count and day >= first:
            for post in reversed(self.day(account, day)):
                shown = post.deleted_at is None or post.deleted_at > moment
                if shown and post.created >= since and (post.created, post.number) < key:
                    posts.append(post)
            day -= 1
        return posts[:count]

    def posts(self, network: str, since: int, until: int) -> list[Post]:
        """The posts of a network published in [since, until), oldest first."""
        found = [
            post
            for day in range(day_of(since), day_of(until - 1) + 1)
            for post in self.timeline(network, day)
        ]
        return [post for post in found if since <= post.created < until]

    def deletions(self, network: str, since: int, until: int, latest: int) -> list[Post]:
        """The posts deleted in [since, until), published at most ``latest`` seconds before."""
        first, last = day_of(since - latest), day_of(until)
        key = (network, first, last)
        if key != self._deletions[0]:
            deleted = [
                post
                for day in range(first, last + 1)
                for post in self.timeline(network, day)
                if post.deleted_at is not None
            ]
            self._deletions = (key, deleted)
        return [
            post
            for post in self._deletions[1]
            if post.deleted_at is not None and since <= post.deleted_at < until
        ]

    def followers(self, account: Account, moment: int) -> int:
        """Followers of an account at a moment, as its owner sees them."""
        return self.crowd.followers(account, moment)

    def counters(self, post: Post, moment: int) -> Counters:
        """Counters of a post at a moment."""
        return self.press.counters(post, moment)

    def text(self, post: Post, moment: int | None = None) -> Written:
        """Text of a post at a moment."""
        key = (post.account.serial, post.number, post.edited_by(moment))
        known = self._texts.get(key)
        if known is None:
            known = self.writer.post(post, moment)
            if len(self._texts) >= TEXTS_REMEMBERED:
                self._texts.clear()
            self._texts[key] = known
        return known

    def post_count(self, account: Account, moment: int) -> int:
        """Posts of an account that are there at a moment, those of before the world included."""
        return account.posts_before + self._tally(account).at(self, account, moment)

    def repost(self, account: Account, day: int) -> tuple[int, Post] | None:
        """(when, whose post) if the account relays somebody else that day."""
        words = self.chance.words("repost", f"{account.serial}:{day}")
        others = self.by_network[account.network]
        if not happens(words[0], 120) or self.crowd.silence(account, day):
            return None
        other = others[scaled(words[1], len(others))]
        posts = self.day(other, day - 1)
        if other is account or not posts:
            return None
        return midnight(day) + 8 * HOUR + scaled(words[2], 12 * HOUR), posts[0]

    def reposts(self, account: Account, since: int, until: int) -> list[tuple[int, Post]]:
        """What the account relays in [since, until]."""
        days = range(max(day_of(since), self.crowd.begin_day + 1), day_of(until) + 1)
        found = [repost for day in days if (repost := self.repost(account, day)) is not None]
        return [repost for repost in found if since <= repost[0] <= until]

    def counted(
        self, account: Account, first: int, last: int, posts: Sequence[Post]
    ) -> Callable[[int], int]:
        """``post_count`` for moments of [first, last), quicker when the posts of it are known."""
        begin, deleted = self._tally(account).through(self, account, first, last)
        created = [post.created for post in posts]
        base = account.posts_before + begin
        return lambda moment: base + bisect_right(created, moment) - bisect_right(deleted, moment)

    def refresh(self) -> None:
        """Work out posts anew: something happened to an account."""
        self._days.clear()
        self._timelines.clear()
        self._tallies.clear()

    def forget(self, account: Account) -> None:
        """Let go of what was worked out of an account."""
        self._tallies.pop(account.serial, None)

    def _tally(self, account: Account) -> "Tally":
        tally = self._tallies.get(account.serial)
        if tally is None:
            tally = self._tallies[account.serial] = Tally(self.crowd.begin_day)
        return tally


class Tally:
    """How many posts an account has, day after day, without reading its life twice."""

    __slots__ = ("_before", "_begin", "_deleted")

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._before: list[int] = [0]
        self._deleted: list[int] = []

    def at(self, world: World, account: Account, moment: int) -> int:
        """Posts published and not deleted at a moment, since the world began."""
        day = day_of(moment)
        if day < self._begin:
            return 0
        self._extend(world, account, day)
        today = sum(post.created <= moment for post in world.day(account, day))
        return self._before[day - self._begin] + today - bisect_right(self._deleted, moment)

    def through(
        self, world: World, account: Account, first: int, last: int
    ) -> tuple[int, Sequence[int]]:
        """(posts published before ``first``, moments of the deletions of those until ``last``)."""
        day = max(self._begin, day_of(first))
        self._extend(world, account, day_of(last))
        before = sum(post.created < first for post in world.press.of_day(account, day))
        return self._before[day - self._begin] + before, self._deleted

    def _extend(self, world: World, account: Account, day: int) -> None:
        """Count the days up to one, a fortnight at a time where nothing happens to the account.

        Posts are made only where one of them will be deleted.
        """
        before = self._before
        while (following := self._begin + len(before) - 1) <= day:
            block = following >> 4
            if account.closed_at is not None and midnight((block + 1) << 4) > account.closed_at:
                self._add(world, account, following)
                continue
            counts, deleted = world.press.fortnight(account, block)
            for one in deleted:
                if one >= following:
                    self._delete(world.press.of_day(account, one))
            total = before[-1]
            for count in counts[following & 15 :]:
                total += count
                before.append(total)

    def _add(self, world: World, account: Account, day: int) -> None:
        """Count one more day of an account that is about to close."""
        posts = world.press.of_day(account, day)
        self._delete(posts)
        self._before.append(self._before[-1] + len(posts))

    def _delete(self, posts: Sequence[Post]) -> None:
        for post in posts:
            if post.deleted_at is not None:
                insort(self._deleted, post.deleted_at)
