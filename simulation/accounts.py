"""Accounts of the invented territories: who they are, how they behave, what they show at a moment.

Everything that an account shows is a pure function of time, in integers: the history written
directly and the answers of the fictional networks are two readings of the same functions.
"""

from base64 import b32encode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from contracts.event import hashed_id
from simulation.chance import Chance, happens, scaled, skewed
from simulation.days import (
    DAY,
    civil,
    day_of,
    midnight,
    moment_of,
    month_bounds,
    month_of,
    month_start,
)
from simulation.identities import display_name, play
from simulation.names import slug
from simulation.parameters import NETWORKS, Parameters
from simulation.territories import Place

Role = Literal["main", "tourism", "mayor"]
Form = Literal["page", "unreviewed", "profile", "group", "professional", "personal", "plain"]
"""What the network lets others see: a Facebook page (reviewed for us or not), profile or group; an
Instagram account, professional or personal; « plain » elsewhere."""

SEASON = 91
"""Days of a quarter: at most one silence begins in each."""

AUGUST = 26
SLOTS = 16
SECOND = 8
"""Slot of a territory's second account on a network (tourist office, elected person)."""

INSTANCES = (
    "social.simulation.example",
    "mastodon.essai.example",
    "pouet.maquette.example",
    "toot.mirage.example",
)
_LONGEST_HANDLE = 22


@dataclass(slots=True, eq=False)
class Account:
    """One account; ``serial`` is unique in the country and the same in worlds of every size."""

    serial: int
    id: str
    network: str
    name: str
    place: str
    de_place: str
    first_handle: str
    native_id: str
    owners: tuple[str, ...]
    role: Role
    form: Form
    part: str | None
    population: int
    created: int
    rate: int
    engagement: int
    following: int
    posts_before: int
    knots: list[int]
    growth: int
    hidden: bool
    comments_closed: bool
    quiet_august: bool
    renamed_at: int | None
    closed_at: int | None
    host: str = ""
    fortnights: dict[int, tuple[bytes, dict[int, int]]] = field(
        default_factory=dict[int, tuple[bytes, dict[int, int]]]
    )
    silences: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])

    @property
    def home(self) -> str:
        """The territory that gives population and category."""
        return self.owners[0]

    def handle_at(self, moment: int) -> str:
        """The handle by which the network knows the account at a moment."""
        if self.renamed_at is None or moment < self.renamed_at:
            return self.first_handle
        return self.last_handle

    @property
    def last_handle(self) -> str:
        """The handle that the account takes if it is ever renamed."""
        if self.network == "rss":
            return self.first_handle
        return f"ville{'-' if self.network == 'bluesky' else '_'}{self.first_handle}"

    def address(self, moment: int) -> str:
        """The public address of the account, as its network writes it."""
        handle = self.handle_at(moment)
        match self.network:
            case "bluesky":
                return f"https://bsky.app/profile/{handle}"
            case "instagram":
                return f"https://www.instagram.com/{handle}/"
            case "facebook":
                return f"https://www.facebook.com/{handle}"
            case "youtube":
                return f"https://www.youtube.com/channel/{self.native_id}"
            case "mastodon":
                return f"https://{self.host}/@{handle}"
            case _:
                return self.native_id

    def observed_handle(self, moment: int) -> str:
        """The handle that a collector needs: a Mastodon user with its host, a feed's address."""
        if self.network == "mastodon":
            return f"{self.handle_at(moment)}@{self.host}"
        return self.native_id if self.network == "rss" else self.handle_at(moment)

    def open_at(self, moment: int) -> bool:
        """Whether the account exists at a moment."""
        return self.created <= moment and (self.closed_at is None or moment < self.closed_at)


class Crowd:
    """Makes the accounts of places; deterministic, and independent of the other places."""

    def __init__(self, chance: Chance, law: Parameters) -> None:
        """Take the draws and the model."""
        self._chance = chance
        self._law = law
        self.begin_day = day_of(moment_of(law.begin))
        self.begin = midnight(self.begin_day)
        self.begin_month = month_of(self.begin_day)

    def accounts(self, place: Place, number: int, shared: str | None = None) -> Iterator[Account]:
        """The accounts of a place.

        Args:
            number: rank of the real territory in the registry, from which serials come.
            shared: code of the métropole that shares the town's Bluesky account.
        """
        territory = place.territory
        words = self._chance.words("presence", territory.code)
        law = self._law.strata[place.stratum]
        present = happens(words[0], law.presence)
        chosen = [
            network
            for index, network in enumerate(NETWORKS)
            if network in (place.networks or ())
            or (
                place.networks is None
                and network != "rss"
                and present
                and happens(words[1 + index], law.share(network))
            )
            or (place.networks is None and network == "rss" and happens(words[7], law.rss))
        ]
        if place.networks is None and present and not set(chosen) - {"rss"}:
            # Who is nowhere else and not on Facebook is on Instagram: Facebook keeps its share.
            chosen.insert(0, "instagram")
        for network in chosen:
            yield self._account(
                place, number, network, "main", shared if network == "bluesky" else None
            )
        if place.part == "tourist":
            yield self._account(place, number, "instagram", "tourism", None)
        elif place.part is None and present and happens(words[8], self._law.events.official_person):
            yield self._account(place, number, "bluesky", "mayor", None)

    def _account(
        self, place: Place, number: int, network: str, role: Role, shared: str | None
    ) -> Account:
        serial = number * SLOTS + NETWORKS.index(network) + (SECOND if role != "main" else 0)
        subject = str(serial)
        words = self._chance.words("account", subject)
        happenings = self._chance.words("account's life", subject)
        rules, law = self._law.networks[network], self._law.strata[place.stratum]
        events = self._law.events
        population = place.territory.population or 0
        first = population * law.followers * rules.followers // 1_000_000
        first = max(3, first * skewed(words[0], rules.sigma) // 1000) if rules.followers else 0
        rate = max(
            15, law.rate * rules.rate * skewed(words[1], self._law.spreads.rate) // 1_000_000
        )
        steps = self._law.engagement_by_audience
        factor = steps.factors[bisect_right(steps.bounds, first)]
        engagement = (
            rules.engagement * factor * skewed(words[2], self._law.spreads.account) // 1_000_000
        )
        created = self.begin - DAY * (200 + scaled(words[3], 3400))
        following = rules.following * skewed(words[4], 900) // 1000
        growth = self._law.growth[network]
        renamed = role == "main" and place.part is None and network not in ("rss", "youtube")
        renamed_at = closed_at = None
        if renamed and happens(happenings[0], events.renamed):
            renamed_at = self.begin + scaled(happenings[1], 560 * DAY)
        if place.part is None and happens(happenings[2], events.closed):
            closed_at = self.begin + DAY * 100 + scaled(happenings[3], 460 * DAY)
        handle, native, host = self._identity(place, network, role, subject, created)
        account = Account(
            serial=serial,
            id=hashed_id("account", self._chance.seed, network, native),
            network=network,
            name=display_name(place, role),
            place=place.territory.nom,
            de_place=place.territory.with_de,
            first_handle=handle,
            native_id=native,
            owners=(place.territory.code, shared) if shared else (place.territory.code,),
            role=role,
            form=self._form(network, place, happenings[4]),
            part=place.part,
            population=population,
            created=created,
            rate=rate,
            engagement=engagement,
            following=following,
            posts_before=(self.begin - created) // DAY * rate // 1000,
            knots=[first],
            growth=growth,
            hidden=place.part is None and happens(happenings[5], rules.hidden),
            comments_closed=network == "youtube" and happens(happenings[6], events.comments_closed),
            quiet_august=place.part is None
            and population < 20_000
            and happens(happenings[7], events.closed_in_august),
            renamed_at=renamed_at,
            closed_at=closed_at,
            host=host,
        )
        play(account, place.part, role)
        return account

    def followers(self, account: Account, moment: int, day: int | None = None) -> int:
        """Followers at a moment: a line between the starts of months, with a draw for each month.

        ``day`` is the civil day of the moment where the caller knows it.
        """
        if not account.knots[0]:
            return 0
        month = month_of(day_of(moment) if day is None else day)
        index = month - self.begin_month
        if index < 0:
            return account.knots[0]
        knots = account.knots
        while len(knots) <= index + 1:
            knots.append(self._next_knot(account, len(knots)))
        start, end = month_bounds(month)
        low = knots[index]
        return low + (knots[index + 1] - low) * (moment - start) // (end - start)

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

    def _identity(
        self, place: Place, network: str, role: Role, subject: str, created: int
    ) -> tuple[str, str, str]:
        """(handle, native id, host of the instance or of the feed)."""
        name = slug(place.territory.nom)
        code = place.territory.code.lower()
        if len(name) > _LONGEST_HANDLE or place.territory.kind != "commune":
            name = name[: _LONGEST_HANDLE - len(code)] + code.removeprefix("00")
        if role == "tourism":
            name = f"visit.{name}" if network != "bluesky" else f"visit-{name}"
        elif role == "mayor":
            name = f"maire-{name}" if network == "bluesky" else f"maire.{name}"
        token = self._chance.token("native", subject)
        number = int.from_bytes(token[:8], "big")
        match network:
            case "bluesky":
                return f"{name}.example", f"did:plc:{b32encode(token[:15]).decode().lower()}", ""
            case "facebook":
                return (
                    f"{name}.example",
                    str(100_000_000_000_000 + number % 800_000_000_000_000),
                    "",
                )
            case "instagram":
                return f"{name}.example", str(17_841_400_000_000_000 + number % 99_999_999_999), ""
            case "youtube":
                return f"{name}.example", "UC" + urlsafe_b64encode(token[:16])[:22].decode(), ""
            case "mastodon":
                user = name.replace(".", "_")[:30]
                # The last instance is closed to the anonymous: few are there, none of the cast.
                closed = number % 13 == 0 and place.part is None
                host = INSTANCES[-1] if closed else INSTANCES[number % (len(INSTANCES) - 1)]
                return user, str((created * 1000 << 16) + number % 65536), host
            case _:
                host = f"www.{name}.example"
                return f"{name}.example", f"https://{host}/actualites/feed", host

    def _form(self, network: str, place: Place, word: int) -> Form:
        events = self._law.events
        if network == "facebook":
            if place.part in ("community_manager", "tourist"):
                return "unreviewed" if place.part == "community_manager" else "page"
            drawn = scaled(word, 1000)
            if drawn < events.groups:
                return "group"
            if drawn < events.groups + events.profiles and place.territory.kind == "commune":
                return "profile"
            return (
                "unreviewed"
                if drawn >= 1000 - events.pages_not_reviewed and place.part is None
                else "page"
            )
        if network == "instagram":
            personal = place.part is None and happens(word, events.personal_instagram)
            return "personal" if personal else "professional"
        return "plain"

    def silences(self, account: Account, first: int, last: int) -> list[tuple[int, int]]:
        """Spans [from, to) of civil days without a word that may touch [first, last].

        An account is closed in August, or silent for weeks.
        """
        found: list[tuple[int, int]] = []
        for block in {first // SEASON - 1, first // SEASON, last // SEASON}:
            known = account.silences.get(block)
            if known is None:
                known = account.silences[block] = self._silent(account, block)
            if known[0] < known[1]:
                found.append(known)
        if account.quiet_august:
            for day in {first, last}:
                if civil(day)[0] == 8:
                    august = month_start(month_of(day))
                    found.append((august, august + AUGUST))
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
        start = block * SEASON + scaled(words[1], SEASON)
        return (start, start + low + scaled(words[2], high - low))
