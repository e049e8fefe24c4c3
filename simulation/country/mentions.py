"""What others say of the territories: an even flow of them, homonyms, noise, and staged crises.

Mentions come in buckets of ten minutes, each a pure function of its number; crises have their own
messages, and their truth (start, end, terms) is known.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import accumulate
from typing import NamedTuple

from contracts.territories import Territory
from simulation.country.chance import Chance, happens, scaled, skewed
from simulation.country.days import HOUR, MINUTE, day_of, midnight
from simulation.country.law import Speech
from simulation.country.names import slug
from simulation.country.parameters import Parameters
from simulation.country.territories import Place
from simulation.country.texts import Writer, hour_said

BUCKET = 10 * MINUTE
"""Seconds: mentions are drawn by so much at once."""

REMEMBERED = 6 * 48
"""Buckets kept: two days of stream."""

WEEK = 7 * 86_400
QUARTER = 15 * MINUTE


class Mention(NamedTuple):
    """Something that somebody says; ``number`` is unique among what a network carries.

    ``title`` is the headline of a paper's article.
    """

    network: str
    number: int
    moment: int
    author: int
    text: str
    place: str | None
    source: str
    deleted_at: int | None
    crisis: str | None = None
    title: str | None = None


class Crisis(NamedTuple):
    """The truth of a staged crisis: who, what, from when to when, how many messages."""

    id: str
    territory: str
    place: str
    de_place: str
    kind: str
    term: str
    start: int
    end: int
    messages: int
    seed: int

    @property
    def noticed(self) -> int:
        """When it began for those who live there: a quarter of an hour on the clock, the last
        before its first message or one of the two before."""
        last = (self.start - 1) // QUARTER * QUARTER
        return last - scaled(self.seed, 3) * QUARTER


class Mentions:
    """The stream of mentions of a world."""

    def __init__(
        self,
        chance: Chance,
        law: Parameters,
        places: Sequence[Place],
        writer: Writer,
        speeches: Mapping[str, Speech],
    ) -> None:
        """Take the draws, the model, the places that may be spoken of, a writer, and networks."""
        self._speeches = speeches
        self._chance = chance
        self._law = law
        self._writer = writer
        self._places = [place for place in places if place.territory.kind == "commune"]
        per_day = law.mentions.per_day
        self._rates = [
            max(law.mentions.least_per_day, (place.territory.population or 0) * per_day // 100)
            for place in self._places
        ]
        self._cumulated = list(accumulate(self._rates))
        # Most of a crisis is said on one network; a message that another one claims, there.
        by_crisis = sorted(speeches, key=lambda slug: (speeches[slug].crisis, slug))
        self._claiming, self._usual = by_crisis[:-1], by_crisis[-1] if by_crisis else ""
        self.staged: list[Crisis] = []
        self.published: list[Mention] = []
        self._buckets: dict[int, list[Mention]] = {}

    def between(self, since: int, until: int) -> list[Mention]:
        """Mentions published in [since, until), oldest first, those of crises among them."""
        found: list[Mention] = []
        for bucket in range(since // BUCKET, (until - 1) // BUCKET + 1):
            found.extend(self._bucket(bucket))
        return self._with_staged(found, since, until)

    def on(self, network: str, since: int, until: int) -> list[Mention]:
        """Those of `between` that are said on one network; the others are not made."""
        found: list[Mention] = []
        for bucket in range(since // BUCKET, (until - 1) // BUCKET + 1):
            found.extend(self._made_on(network, bucket))
        every = self._with_staged(found, since, until)
        return [mention for mention in every if mention.network == network]

    def about(self, codes: Set[str], since: int, until: int) -> Iterator[Mention]:
        """Mentions of some territories in [since, until), bucket after bucket.

        The others are not made: cheap enough for years of history.
        """
        for bucket in range(since // BUCKET, (until - 1) // BUCKET + 1):
            for network in self._speeches:
                for rank in range(self._numbers(network, bucket)[0]):
                    words = self._words(network, bucket << 12 | rank)
                    if self._places[self._drawn_place(words[4])].territory.code in codes:
                        yield self._mention(network, bucket, rank, noise=False)
        for crisis in self.crises(since, until):
            if crisis.territory in codes:
                yield from self.said(crisis)

    def crises(self, since: int, until: int) -> list[Crisis]:
        """Crises that overlap [since, until): those of the world, and those staged now."""
        longest = self._law.crises.minutes[1] * MINUTE
        found = [
            crisis
            for week in range((since - longest) // WEEK - 1, until // WEEK + 1)
            for crisis in self._of_week(week)
        ]
        return [
            crisis
            for crisis in (*found, *self.staged)
            if crisis.start < until and crisis.end > since
        ]

    def said(self, crisis: Crisis) -> list[Mention]:
        """The messages of a crisis: many at first, then fewer."""
        found: list[Mention] = []
        given = {
            "place": crisis.place,
            "de_place": crisis.de_place,
            "since": hour_said(crisis.noticed),
        }
        length = crisis.end - crisis.start
        for rank in range(crisis.messages):
            words = self._chance.words("crisis message", f"{crisis.id}:{rank}")
            # Messages are spaced as cubes: the first half of them in the first eighth.
            offset = length * rank**3 // crisis.messages**3
            moment = crisis.start + offset + scaled(words[0], 1 + length // (crisis.messages * 8))
            network = self._says(f"{crisis.id}:{rank}")
            speech = self._speeches[network]
            number = 1 << 44 | (crisis.seed & 0xFFFFFF) << 12 | rank
            text = self._writer.crisis(crisis.kind, words[2], given, day_of(moment))
            if speech.tagged:
                text += f" #{slug(crisis.place).capitalize()}"
            author = scaled(words[3], self._law.mentions.citizens)
            source = speech.sources[scaled(words[4], len(speech.sources))]
            found.append(
                Mention(
                    network, number, moment, author, text, crisis.territory, source, None, crisis.id
                )
            )
        return found

    def deletions(self, since: int, until: int) -> list[Mention]:
        """Mentions deleted in [since, until)."""
        said = self.between(since - 7 * HOUR, until)
        return [
            mention
            for mention in said
            if mention.deleted_at is not None and since <= mention.deleted_at < until
        ]

    def publish(self, network: str, text: str, moment: int) -> Mention:
        """Have an invented citizen, or a paper (headline, then the rest), say something.

        ``network`` is where; unsaid, where most is said.
        """
        network = network or self._usual
        rank = len(self.published)
        number = 1 << 46 | rank
        speech = self._speeches[network]
        author = rank % self._law.mentions.citizens
        title, text = text.partition("\n")[::2] if speech.press else (None, text)
        source = speech.sources[0]
        mention = Mention(network, number, moment, author, text, None, source, None, None, title)
        self.published.append(mention)
        return mention

    def stage(self, territory: Place, kind: str, start: int, end: int, messages: int) -> Crisis:
        """Stage a crisis now; it is said from ``start`` on, and written to the ledger."""
        invented = territory.territory
        seed = self._chance.words("staged", f"{invented.code}:{kind}:{start}")[0]
        name = f"staged-{start}-{invented.code}"
        crisis = self._crisis(name, invented, kind, start, end, messages, seed)
        self.staged.append(crisis)
        return crisis

    def _crisis(
        self, name: str, of: Territory, kind: str, start: int, end: int, messages: int, seed: int
    ) -> Crisis:
        term = self._writer.term(kind)
        return Crisis(name, of.code, of.nom, of.with_de, kind, term, start, end, messages, seed)

    def _of_week(self, week: int) -> list[Crisis]:
        found: list[Crisis] = []
        kinds = self._writer.crises()
        law = self._law.crises
        for rank in range(law.per_week if self._places else 0):
            words = self._chance.words("crisis", f"{week}:{rank}")
            place = self._places[self._drawn_place(words[0])].territory
            if (place.population or 0) < 1000:
                continue
            start = week * WEEK + scaled(words[1], WEEK)
            minutes = law.minutes[0] + scaled(words[2], law.minutes[1] - law.minutes[0])
            messages = law.messages[0] + scaled(words[3], law.messages[1] - law.messages[0])
            kind = kinds[scaled(words[4], len(kinds))]
            end = start + minutes * MINUTE
            found.append(
                self._crisis(f"{week}-{rank}", place, kind, start, end, messages, words[5])
            )
        return found

    def _with_staged(self, found: list[Mention], since: int, until: int) -> list[Mention]:
        """What was drawn, what crises say, what was published: in [since, until) and in order."""
        for crisis in self.crises(since, until):
            found.extend(self.said(crisis))
        found.extend(self.published)
        found = [mention for mention in found if since <= mention.moment < until]
        found.sort(key=lambda mention: (mention.moment, mention.network, mention.number))
        return found

    def _drawn_place(self, word: int) -> int:
        return min(
            bisect_right(self._cumulated, scaled(word, self._cumulated[-1])), len(self._places) - 1
        )

    def _bucket(self, bucket: int) -> list[Mention]:
        known = self._buckets.get(bucket)
        if known is None:
            known = self._made(bucket)
            while len(self._buckets) >= REMEMBERED:
                self._buckets.pop(next(iter(self._buckets)))
            self._buckets[bucket] = known
        return known

    def _made(self, bucket: int) -> list[Mention]:
        return [one for network in self._speeches for one in self._made_on(network, bucket)]

    def _made_on(self, network: str, bucket: int) -> list[Mention]:
        about, noise = self._numbers(network, bucket)
        return [
            self._mention(network, bucket, rank, noise=rank >= about)
            for rank in range(about + noise)
        ]

    def _numbers(self, network: str, bucket: int) -> tuple[int, int]:
        """How many mentions a bucket has on a network, and how much noise."""
        if not self._places:
            return 0, 0
        speech = self._speeches[network]
        words = self._chance.words("murmur", f"{network}:{bucket}")
        hour = (bucket * BUCKET - midnight(day_of(bucket * BUCKET))) // HOUR % 24
        weight = self._law.hours.posts[hour] * 1000 // sum(self._law.hours.posts)
        # A day has 144 buckets, an hour six; rates are thousandths a day.
        rate = self._cumulated[-1] * speech.share // 1000
        about = self._drawn_count(rate * weight // 6_000, words[0], words[1])
        if not speech.noise:
            return about, 0
        share = len(self._places) * self._law.mentions.noise_per_day // 2000
        return about, self._drawn_count(share * weight // 6, words[2], words[3])

    def _drawn_count(self, mean_per_mille: int, word: int, tail: int) -> int:
        moved = mean_per_mille * skewed(word, 200) // 1000
        return min(2000, moved // 1000 + (scaled(tail, 1000) < moved % 1000))

    def _words(self, network: str, number: int) -> tuple[int, ...]:
        return self._chance.words("mention", f"{network}:{number}")

    def _says(self, message: str) -> str:
        """The network on which a message of a crisis is said."""
        for network in self._claiming:
            drawn = self._chance.words("crisis network", f"{message}:{network}")[0]
            if happens(drawn, self._speeches[network].crisis):
                return network
        return self._usual

    def _mention(self, network: str, bucket: int, rank: int, *, noise: bool) -> Mention:
        number = bucket << 12 | rank
        words = self._words(network, number)
        speech = self._speeches[network]
        moment = bucket * BUCKET + scaled(words[1], BUCKET)
        author = scaled(words[2], self._law.mentions.citizens)
        if noise:
            text = self._writer.mention("noise", words[3], "", "", day_of(moment))
            return Mention(network, number, moment, author, text, None, speech.sources[0], None)
        place = self._places[self._drawn_place(words[4])].territory
        homonym = happens(words[5], self._law.mentions.homonyms)
        kind = "press" if speech.press else "homonyms" if homonym else "about"
        text = self._writer.mention(kind, words[3], place.nom, place.with_de, day_of(moment))
        title = None
        if speech.tagged:
            text += f" #{slug(place.nom).capitalize()}"
        deleted = speech.deletes and happens(words[6], self._law.mentions.deleted)
        deleted_at = moment + 120 + scaled(words[7], 6 * HOUR) if deleted else None
        if speech.press:
            title, text = text.split("\n")
            source = self.paper(speech, place.departement or place.code)
        else:
            source = speech.sources[scaled(words[8], len(speech.sources))]
        return Mention(
            network, number, moment, author, text, place.code, source, deleted_at, None, title
        )

    def paper(self, speech: Speech, departement: str) -> str:
        """The local paper that speaks of a département."""
        return speech.sources[self._chance.number("paper", departement, len(speech.sources))]
