"""Which of an account's posts and measures count (methodology, 5)."""

from collections.abc import Mapping, Sequence

from contracts.accounts import AccountObserved
from contracts.posts import PostObserved
from libs.verify.month import BILLION, DAY, LARGEST_COUNT, Month, rounded, second
from libs.verify.versions import Network


class Audience:
    """Followers and followings of an account around a month (5.1 to 5.3, 5.8)."""

    def __init__(self, profiles: Sequence[AccountObserved], month: Month) -> None:
        self._month = month
        near = (month.start - 3 * DAY, month.end + 3 * DAY)
        self.near = [
            p
            for p in profiles
            if near[0] <= second(p.observed_at) <= near[1]
            and near[0] - 31 * DAY <= second(p.slot) <= near[1] + 31 * DAY
        ]
        self._followers = self._known("followers")
        self.at_end = self._end(self._followers)
        self.following_at_end = self._end(self._known("following"))

    @property
    def observed(self) -> bool:
        """Tell whether the account was observed at all (7.1, reason 3)."""
        return bool(self.near)

    @property
    def known_at_start(self) -> bool:
        """Tell whether followers are known within 3 days of the start (5.3)."""
        return any(abs(at - self._month.start) <= 3 * DAY for at, _ in self._followers)

    def at(self, published: int) -> int | None:
        """Return the followers at the time of a post (5.8)."""
        before = [value for at, value in self._followers if at <= published]
        if before:
            return before[-1]
        after = [value for at, value in self._followers if published < at <= published + DAY]
        return after[0] if after else None

    def hides_at_end(self, counter: str) -> bool:
        """Tell whether its owner hides a counter within 3 days of the end (7.1, reason 4)."""
        return any(
            getattr(profile, counter) is None
            and ({**profile.absent}.get(counter) == "hidden")
            and abs(second(profile.observed_at) - self._month.end) <= 3 * DAY
            for profile in self.near
        )

    def _known(self, counter: str) -> list[tuple[int, int]]:
        """Return (second, value) of the known values, the greatest of a second, in order (5.1)."""
        greatest: dict[int, int] = {}
        for profile in self.near:
            value: int | None = getattr(profile, counter)
            at = second(profile.observed_at)
            if value is not None:
                greatest[at] = max(min(value, LARGEST_COUNT), greatest.get(at, 0))
        return sorted(greatest.items())

    def _end(self, known: Sequence[tuple[int, int]]) -> int | None:
        """Return the value at the end of the month (5.2)."""
        end = self._month.end
        before = [value for at, value in known if end - 3 * DAY <= at <= end]
        if before:
            return before[-1]
        after = [value for at, value in known if end < at <= end + 3 * DAY]
        return after[0] if after else None


def case_of(
    network: Network,
    readings: Sequence[PostObserved],
    audience: Audience,
    *,
    given_again: bool,
) -> int | str:
    """Return the engagement of a post (billionths), or « hidden », « deleted », « gap » (5.6).

    The readings are those of the month; where they differ on its date, the earliest holds (5.4).
    """
    published = min(second(reading.published_at) for reading in readings)
    ages = {id(reading): second(reading.observed_at) - published for reading in readings}
    week = _seventh_day(readings, ages)
    if week is None:
        told = [r for r in readings if r.state == "deleted" and ages[id(r)] <= 8 * DAY]
        if given_again:
            told = [r for r in told if not _present_after(r, readings)]
        return "deleted" if told else "gap"
    null = [name for name in network.required if getattr(week, name) is None]
    if null:
        absent: dict[str, str] = {**week.absent}
        reasons = {absent.get(name, "not_asked") for name in null}
        return "hidden" if reasons & {"hidden", "not_published"} else "gap"
    followers = audience.at(published)
    if followers is None:
        return "gap"
    counters = (*network.required, *network.optional)
    interactions = sum(getattr(week, name) or 0 for name in counters)
    return rounded(min(interactions, LARGEST_COUNT) * BILLION, max(followers, 1))


def _present_after(deletion: PostObserved, readings: Sequence[PostObserved]) -> bool:
    """Tell whether a post was given again in a later second than that of its deletion (5.6)."""
    since = second(deletion.observed_at)
    return any(r.state == "present" and second(r.observed_at) > since for r in readings)


def _seventh_day(readings: Sequence[PostObserved], ages: Mapping[int, int]) -> PostObserved | None:
    """Return the reading nearest to 7 days, between 6 and 8 (5.5)."""
    near = [r for r in readings if r.state == "present" and 6 * DAY <= ages[id(r)] <= 8 * DAY]
    return min(
        near,
        key=lambda r: (abs(ages[id(r)] - 7 * DAY), second(r.observed_at), r.slot),
        default=None,
    )
