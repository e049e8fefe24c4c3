"""The accounts of places: how they come to be, how they behave, what they show at a moment.

Everything that an account shows is a pure function of time, in integers: the history written
directly and the answers of the fictional networks are two readings of the same functions.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TypedDict

from contracts.event import hashed_id
from simulation.country.accounts import MARK_BITS, Account, InventedAccounts, display_name, play
from simulation.country.chance import SPAN, Chance, happens, scaled, skewed
from simulation.country.days import (
    DAY,
    civil,
    day_of,
    midnight,
    moment_of,
    month_bounds,
    month_of,
    month_start,
)
from simulation.country.effects import BURST_DAYS, Influence
from simulation.country.law import Law, Role
from simulation.country.parameters import Parameters
from simulation.country.territories import Place

SEASON_DAYS = 91
"""Days of a quarter: at most one silence begins in each."""

AUGUST_DAYS = 26
"""Days of the silence of small towns in August."""

ROLES: tuple[Role, ...] = ("main", "tourism", "mayor")


class _Life(TypedDict):
    """What happens to an account, and when (seconds)."""

    hidden: bool
    comments_closed: bool
    quiet_august: bool
    renamed_at: int | None
    closed_at: int | None


class Crowd:
    """Makes the accounts of places; deterministic, and independent of the other places."""

    def __init__(
        self,
        chance: Chance,
        law: Parameters,
        networks: Mapping[str, InventedAccounts],
        influence: Influence,
    ) -> None:
        """Take the draws, the model, the accounts of each network, and what makes posts react."""
        self._influence = influence
        self._networks = networks
        self._marks = {slug: mark_of(slug) for slug in networks}
        if len({*self._marks.values()}) < len(networks):
            raise ValueError(f"two networks of {sorted(networks)} have one mark")
        self._chance = chance
        self._law = law
        self.begin_day = day_of(moment_of(law.begin))
        self.begin = midnight(self.begin_day)
        self.begin_month = month_of(self.begin_day)

    def accounts(self, place: Place, number: int, shared: str | None = None) -> Iterator[Account]:
        """The accounts of a place.

        Args:
            number: rank of the real territory in the registry, from which serials come.
            shared: code of the métropole that speaks by the town's account on some networks.
        """
        words = self._chance.words("presence", place.territory.code)
        present = happens(words[0], self._law.strata[place.stratum].presence)
        for slug, rules in self._networks.items():
            drawn = self._chance.words("presence", f"{place.territory.code}:{slug}")
            if _held(rules.law, place, drawn[0], words[1], present=present):
                yield self._account(place, number, rules, "main", shared if rules.shared else None)
            for role in ("tourism", "mayor"):
                tourist = role == "tourism"
                may = place.part == "tourist" if tourist else place.part is None and present
                if may and happens(drawn[1], rules.law.others.get(role, 0)):
                    yield self._account(place, number, rules, role, None)

    def _account(
        self,
        place: Place,
        number: int,
        rules: InventedAccounts,
        role: Role,
        shared: str | None,
    ) -> Account:
        serial = (number << 2 | ROLES.index(role)) << MARK_BITS | self._marks[rules.slug]
        subject = str(serial)
        words = self._chance.words("account", subject)
        happenings = self._chance.words("account's life", subject)
        own, law = rules.law, self._law.strata[place.stratum]
        population = place.territory.population or 0
        first = _first_followers(own, law.followers * population, words[0])
        rate = max(15, law.rate * own.rate * skewed(words[1], self._law.spreads.rate) // 1_000_000)
        created = self.begin - DAY * (200 + scaled(words[3], 3400))
        handle, native, host = rules.identify(
            place, role, self._chance.token("native", subject), created
        )
        code = place.territory.code
        account = Account(
            serial=serial, id=hashed_id("account", self._chance.seed, rules.slug, native),
            rules=rules, name=display_name(place, role), first_handle=handle, native_id=native,
            host=host, place=place.territory.nom, de_place=place.territory.with_de,
            owners=(code, shared) if shared else (code,), role=role, part=place.part,
            form=rules.form(place, happenings[4]), population=population, created=created,
            rate=rate, engagement=self._engagement(own, first, words[2]),
            following=own.following * skewed(words[4], 900) // 1000,
            posts_before=(self.begin - created) // DAY * rate // 1000,
            knots=[first], growth=own.growth,
            **self._happens(place, role, rules, happenings),
            effects=self._influence.of(serial, own, code, place.part, self.begin_day),
        )  # fmt: skip
        play(account)
        return account

    def _engagement(self, own: Law, followers: int, drawn: int) -> int:
        """Interactions of a usual post ÷ followers, ppm: less where the audience is large."""
        steps = self._law.engagement_by_audience
        factor = steps.factors[bisect_right(steps.bounds, followers)]
        return own.engagement * factor * skewed(drawn, self._law.spreads.account) // 1_000_000

    def _happens(
        self, place: Place, role: Role, rules: InventedAccounts, drawn: Sequence[int]
    ) -> _Life:
        """What happens to an account; to those that play a part, only that comments are closed."""
        events, own, free = self._law.events, rules.law, place.part is None
        small = (place.territory.population or 0) < 20_000
        renamed_at, closed_at = self._fate(role, rules, drawn) if free else (None, None)
        return _Life(
            hidden=free and happens(drawn[5], own.hidden),
            comments_closed=happens(drawn[6], own.comments_closed),
            quiet_august=free and small and happens(drawn[7], events.closed_in_august),
            renamed_at=renamed_at,
            closed_at=closed_at,
        )

    def _fate(
        self, role: Role, rules: InventedAccounts, drawn: Sequence[int]
    ) -> tuple[int | None, int | None]:
        """When an account is renamed, and when it closes."""
        events, renamed_at, closed_at = self._law.events, None, None
        if role == "main" and rules.renames and happens(drawn[0], events.renamed):
            renamed_at = self.begin + scaled(drawn[1], 560 * DAY)
        if happens(drawn[2], events.closed):
            closed_at = self.begin + DAY * 100 + scaled(drawn[3], 460 * DAY)
        return renamed_at, closed_at

    def followers(self, account: Account, moment: int, day: int | None = None) -> int:
        """Followers at a moment: a line between the starts of months, with a draw for each month.

        ``day`` is the civil day of the moment where the caller knows it.
        """
        if not account.knots[0]:
            return 0
        day = day_of(moment) if day is None else day
        month = month_of(day)
        index = month - self.begin_month
        if index < 0:
            return account.knots[0]
        burst, _, gain = account.effects.burst
        came = 0
        if burst and day > burst:
            since = min(moment - midnight(burst + 1), BURST_DAYS * DAY)
            came = account.knots[0] * gain * since // (BURST_DAYS * DAY * 1000)
        knots = account.knots
        while len(knots) <= index + 1:
            knots.append(self._next_knot(account, len(knots)))
        start, end = month_bounds(month)
        low = knots[index]
        return came + low + (knots[index + 1] - low) * (moment - start) // (end - start)

    def _next_knot(self, account: Account, index: int) -> int:
        words = self._chance.words("growth", f"{account.serial}:{index}")
        moved = (
            account.growth * skewed(words[0], self._law.spreads.growth) // 1000
            - account.growth // 3
        )
        if happens(words[1], self._law.events.shock):
            moved += 40 + scaled(words[2], 120)
        before = account.knots[-1]
        # A thousandth of a small audience is a fraction of a person: drawn, not rounded away.
        gain, rest = divmod(before * moved, 1000)
        return max(1, before + gain + (scaled(words[3], 1000) < rest))

    def silences(self, account: Account, first: int, last: int) -> list[tuple[int, int]]:
        """Spans [from, to) of civil days without a word that may touch [first, last].

        An account is closed in August, or silent for weeks.
        """
        found: list[tuple[int, int]] = []
        for block in {first // SEASON_DAYS - 1, first // SEASON_DAYS, last // SEASON_DAYS}:
            known = account.silences.get(block)
            if known is None:
                known = account.silences[block] = self._silent(account, block)
            if known[0] < known[1]:
                found.append(known)
        if account.quiet_august:
            for day in {first, last}:
                if civil(day)[0] == 8:
                    august = month_start(month_of(day))
                    found.append((august, august + AUGUST_DAYS))
        return found

    def silence(self, account: Account, day: int) -> bool:
        """Whether the account says nothing that day."""
        return any(first <= day < last for first, last in self.silences(account, day, day))

    def _silent(self, account: Account, block: int) -> tuple[int, int]:
        events = self._law.events
        words = self._chance.words("silence", f"{account.serial}:{block}")
        if account.part is not None or not happens(words[0], events.silent):
            return (0, 0)
        low, high = events.silence_days
        start = block * SEASON_DAYS + scaled(words[1], SEASON_DAYS)
        return (start, start + low + scaled(words[2], high - low))


def _first_followers(own: Law, expected: int, drawn: int) -> int:
    """Followers at the beginning, of those expected by inhabitants (millionths of this law's)."""
    if not own.followers:
        return 0
    return max(3, expected * own.followers // 1_000_000 * skewed(drawn, own.sigma) // 1000)


def mark_of(slug: str) -> int:
    """What tells the serials of a network's accounts from those of others: drawn from its name."""
    return int.from_bytes(blake2b(slug.encode(), digest_size=MARK_BITS // 8).digest())


def _held(law: Law, place: Place, own: int, common: int, *, present: bool) -> bool:
    """Whether a place is on a network, from a draw of its own and one common to all networks.

    What a network is drawn from knows no other network: without one, all others are the same.
    """
    if place.part is not None:
        return place.part in law.cast
    if not present and not law.everywhere:
        return False
    share = law.share[place.stratum]
    if law.first:
        return happens(common, share)
    # The end of the common draw: those whom a network of its beginning has not.
    return happens(own, share) or happens(SPAN - 1 - common, law.last.get(place.stratum, 0))
