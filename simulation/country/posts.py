"""Posts of the accounts: when they come, what they gather, and what is left of them at a moment.

One digest per account and fortnight says how many posts each day has; one digest per post says
everything about it. Counters at a moment are the final ones times a curve of the age.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulation.country.accounts import Account, InventedAccounts
from simulation.country.chance import SPAN, Chance, arrivals, happens, scaled, skewed, wheel
from simulation.country.crowd import Crowd
from simulation.country.days import DAY, HOUR, PARIS, aware, civil, day_of, midnight
from simulation.country.effects import Cause, Influence
from simulation.country.parameters import Parameters

MOST_A_DAY = 15
"""Posts of one account."""

REMEMBERED_AGES = 500_000
"""Ages of posts whose curve is remembered."""

MILLION = 1_000_000
TRILLION = 1_000_000_000_000
_ODD, _MIX = 0x9E3779B1, 0x85EBCA6B


class Counters(NamedTuple):
    """Public interactions of a post at a moment; what a network does not count is 0 here."""

    likes: int
    comments: int
    shares: int
    quotes: int
    views: int


class Post(NamedTuple):
    """A post, with its final counters; ``number`` is unique in the account (day × 16 + rank).

    What it says is drawn from ``said``: its own ``words``, or those that all accounts of its
    territory share.
    """

    account: Account
    number: int
    created: int
    kind: str
    final: Counters
    tempo: int
    deleted_at: int | None
    edited_at: int | None
    likes_hidden: bool
    viral: bool
    words: tuple[int, ...]
    said: tuple[int, ...]
    theme: int
    long: bool
    contest: bool

    @property
    def day(self) -> int:
        """The civil day of publication."""
        return self.number >> 4

    def factors(self) -> dict[Cause, int]:
        """The truth of what made it react more or less: a factor (‰) by cause."""
        effects = self.account.effects
        return {
            "format": effects.kinds[tuple(self.account.rules.law.kinds).index(self.kind)],
            "hour": effects.hours[aware(self.created).astimezone(PARIS).hour],
            "weekday": effects.weekdays[civil(self.day)[2]],
            "topic": effects.themes[self.theme],
            "length": effects.lengths[self.long],
            "repeated": effects.sayings[self.said is not self.words],
        }

    def shown_at(self, moment: int) -> bool:
        """Whether others see it at a moment: published, not deleted, its account there."""
        return self.kept_at(moment) and self.account.open_at(moment)

    def kept_at(self, moment: int) -> bool:
        """Whether its owner sees it at a moment: published, not deleted."""
        deleted = self.deleted_at is not None and self.deleted_at <= moment
        return self.created <= moment and not deleted

    def edited_by(self, moment: int | None) -> bool:
        """Whether it was edited before a moment (None is the end)."""
        return self.edited_at is not None and (moment is None or self.edited_at <= moment)


class Press:
    """Makes posts; the same ones whatever was asked before."""

    def __init__(
        self,
        chance: Chance,
        law: Parameters,
        crowd: Crowd,
        networks: Mapping[str, InventedAccounts],
        influence: Influence,
        themes: Sequence[int],
    ) -> None:
        """Take the draws, the model, the accounts' lives, the laws of their networks, effects.

        Args:
            themes: how often each theme is spoken of, in the order of their ranks.
        """
        self._chance = chance
        self._law = law
        self._crowd = crowd
        self._hours = wheel(law.hours.posts)
        self._themes = wheel(tuple(themes))
        self._texts = influence.texts
        self._deleted = law.events.deleted * SPAN // 1000
        self._seasons: dict[int, tuple[int, ...]] = {}
        self._kinds = {
            network: (
                tuple(rules.law.kinds),
                wheel(tuple(pair[0] for pair in rules.law.kinds.values())),
            )
            for network, rules in networks.items()
        }
        self._splits = {
            network: tuple(
                rules.law.split.get(name, 0) for name in ("comments", "shares", "quotes")
            )
            for network, rules in networks.items()
        }
        # The ages at which a post's counters are read fall on few values: interpolated once.
        self._reached: dict[int, int] = {}

    def count(self, account: Account, day: int) -> int:
        """How many posts the account publishes on a civil day."""
        return self.fortnight(account, day >> 4)[0][day & 15]

    def deleted(self, account: Account, day: int) -> int:
        """Which posts of a day will be deleted, a bit each, told without making them."""
        return self.fortnight(account, day >> 4)[1].get(day, 0)

    def fortnight(self, account: Account, block: int) -> tuple[bytes, dict[int, int]]:
        """(posts of each day of a block of sixteen, those to be deleted): one digest for all."""
        known = account.fortnights.get(block)
        if known is None:
            known = account.fortnights[block] = self._drawn(account, block)
        return known

    def _drawn(self, account: Account, block: int) -> tuple[bytes, dict[int, int]]:
        counts = bytearray(16)
        deleted: dict[int, int] = {}
        words = self._chance.words("arrivals", f"{account.serial}:{block}")
        base, quiet, shares = account.rate, self._quiet(account, block), self._shares(block)
        burst = account.effects.burst[0]
        for place, word in enumerate(words):
            if (day := block << 4 | place) == burst:
                counts[place] = 1
                continue
            if day in quiet:
                continue
            # Rounded to 20 ‰ so that few tables serve everybody; the rest is drawn with the tail.
            rate = (base * shares[place] // MILLION + (word & 15) + 2) // 20 * 20
            thresholds = arrivals(rate)
            if not thresholds or word < thresholds[0]:
                continue
            counts[place] = count = min(MOST_A_DAY, bisect_right(thresholds, word))
            if found := self._deletions(word, count):
                deleted[day] = found
        return bytes(counts), deleted

    def _deletions(self, drawn: int, count: int) -> int:
        found, least = 0, self._deleted
        for rank in range(count):
            word = drawn ^ rank * _ODD
            mixed = (word ^ word >> 15) * _MIX & 0xFFFFFFFF
            if (mixed ^ mixed >> 13) < least:
                found |= 1 << rank
        return found

    def _shares(self, block: int) -> tuple[int, ...]:
        """The part (ppm) of its mean rate that everybody has on each day of a block."""
        known = self._seasons.get(block)
        if known is None:
            law = self._law
            days = [civil(day) for day in range(block << 4, (block + 1) << 4)]
            known = tuple(
                law.weekdays[weekday] * law.months[month - 1] for month, _, weekday in days
            )
            self._seasons[block] = known
        return known

    def _quiet(self, account: Account, block: int) -> set[int]:
        """The days of a block on which the account says nothing."""
        days = range(block << 4, (block + 1) << 4)
        quiet = {day for day in days if day < self._crowd.begin_day}
        for first, last in self._crowd.silences(account, days[0], days[-1]):
            quiet.update(range(max(first, days[0]), min(last, days[-1] + 1)))
        return quiet

    def of_day(self, account: Account, day: int) -> list[Post]:
        """The posts of a civil day, oldest first."""
        count = self.count(account, day)
        if not count:
            return []
        posts = [self.post(account, day << 4 | rank) for rank in range(count)]
        posts = [post for post in posts if account.open_at(post.created)]
        posts.sort(key=lambda post: post.created)
        return posts

    def between(self, account: Account, since: int, until: int) -> list[Post]:
        """The posts published in [since, until), oldest first, deleted ones too."""
        first, last = max(self._crowd.begin_day, day_of(since)), day_of(until - 1)
        found: list[Post] = []
        for block in range(first >> 4, (last >> 4) + 1):
            for day, count in enumerate(self.fortnight(account, block)[0], block << 4):
                if count and first <= day <= last:
                    found.extend(self.of_day(account, day))
        return [post for post in found if since <= post.created < until]

    def post(self, account: Account, number: int) -> Post:
        """The post of a number; whether the account published it is for ``count`` to say."""
        words = self._chance.words("post", f"{account.serial}:{number}")
        network, texts, effects = account.rules.law, self._texts, account.effects
        hour = self._hours[words[0] >> 20]
        day = number >> 4
        # Two days a year are an hour short or long: a post stays in its own.
        created = min(midnight(day) + hour * HOUR + scaled(words[1], HOUR), midnight(day + 1) - 1)
        names, places = self._kinds[account.rules.slug]
        kind = places[words[2] >> 20]
        burst = day == effects.burst[0]
        viral = burst or (network.engagement > 0 and happens(words[6], self._law.events.viral))
        contest = effects.contest > 0 and happens((words[10] & 0xFFFF) << 16, texts.contests.posts)
        said = words
        if effects.repeats and not number & 15 and not contest:
            said = self._shared_words(account, day) or words
        theme = self._themes[said[15] >> 20]
        long = happens((said[9] & 0xFFFF) << 16, texts.long)
        effect = (
            effects.kinds[kind]
            * effects.hours[hour]
            * effects.weekdays[civil(day)[2]]
            * effects.themes[theme]
            * effects.lengths[long]
            * effects.sayings[said is not words]
        )
        if contest:
            effect = effect * effects.contest // 1000
        if burst:
            effect = effect * effects.burst[1] // 1000
        followers = self._crowd.followers(account, created, day)
        final = self._final(
            account, followers, words, effect // TRILLION, viral=viral and not burst
        )
        hidden = network.hides_posts and happens(words[10], self._law.events.hidden_post)
        return Post(
            account, number, created, names[kind], final, 700 + scaled(words[11], 700),
            *self._changed(account, number, created, words),
            hidden or (account.hidden and network.hides == "likes"), viral,
            words, said, theme, long, contest,
        )  # fmt: skip

    def _shared_words(self, account: Account, day: int) -> tuple[int, ...] | None:
        """The draws of what all accounts of a territory say on a day; None where they do not."""
        common = self._chance.words("said", f"{account.home}:{day}")
        return common if happens(common[0], self._texts.repeating.posts) else None

    def _changed(
        self, account: Account, number: int, created: int, words: tuple[int, ...]
    ) -> tuple[int | None, int | None]:
        """When a post is deleted, and when it is edited."""
        deleted_at = edited_at = None
        if self.deleted(account, number >> 4) >> (number & 15) & 1:
            deleted_at = created + 600 + skewed(words[8], 1500) * 20 * HOUR // 1000
        if happens(words[9], self._law.events.edited):
            edited_at = created + 300 + scaled(words[8], 2 * DAY)
        return deleted_at, edited_at

    def _final(
        self, account: Account, followers: int, words: tuple[int, ...], effect: int, *, viral: bool
    ) -> Counters:
        if not account.rules.law.engagement:
            return Counters(0, 0, 0, 0, 0)
        total = (
            followers
            * account.engagement
            * skewed(words[3], self._law.spreads.post)
            // 1000
            * effect
            // MILLION
        )
        if viral:
            low, high = self._law.events.viral_factor
            total *= low + scaled(words[12], high - low)
        total, rest = divmod(total, MILLION)
        total += scaled(words[4], MILLION) < rest
        views = account.rules.views(total, words)
        if not total:
            return Counters(0, 0, 0, 0, views)
        replied, relayed, quoted = self._splits[account.rules.slug]
        noise = skewed(words[5], self._law.spreads.comments)
        comments = _share(total, replied * noise // 1000, words[13] & 0xFFFF)
        shares = _share(total, relayed * noise // 1000, words[13] >> 16)
        quotes = _share(total, quoted, words[14] >> 16)
        likes = max(0, total - comments - shares - quotes)
        if account.comments_closed:
            comments = 0
        return Counters(likes, comments, shares, quotes, views)

    def counters(self, post: Post, moment: int) -> Counters:
        """What the post shows at a moment: its final counters times a curve of its age."""
        reached = self.reached(post, moment)
        likes, comments, shares, quotes, views = post.final
        return Counters(
            likes * reached // MILLION,
            comments * reached // MILLION,
            shares * reached // MILLION,
            quotes * reached // MILLION,
            views * reached // MILLION,
        )

    def reached(self, post: Post, moment: int) -> int:
        """Share (ppm) of its final counters that a post has at a moment."""
        age = (moment - post.created) * post.tempo // 1000
        reached = self._reached.get(age)
        if reached is None:
            reached = self._curve(age)
            if len(self._reached) < REMEMBERED_AGES:
                self._reached[age] = reached
        return reached

    def _curve(self, age: int) -> int:
        """Share (ppm) of the final counters reached at an age in seconds."""
        tempo = self._law.tempo
        if age <= 0:
            return 0
        index = bisect_right(tempo.ages, age)
        if index == len(tempo.ages):
            return MILLION
        young, old = tempo.ages[index - 1], tempo.ages[index]
        low, high = tempo.reached[index - 1] * 1000, tempo.reached[index] * 1000
        return low + (high - low) * (age - young) // (old - young)


def _share(total: int, per_mille: int, word: int) -> int:
    """A part of a total, the fraction drawn with a number in [0, 65536)."""
    whole, rest = divmod(total * min(per_mille, 900), 1000)
    return whole + (word * 1000 >> 16 < rest)
