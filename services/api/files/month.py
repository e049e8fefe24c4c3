"""The files of a month: one a network, and the text that the month's hash is of.

They are made from what is published when they are asked for, block by block, and are the same to
the byte until the month is computed anew: a digest can be checked. No month is ever held as rows.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import groupby

from contracts.networks import SCORED
from contracts.scores import HASHED
from libs.french import PARIS
from services.api.figures.month_rows import GivenLine, MonthLine
from services.api.figures.queries import Figures
from services.api.figures.views import MONTH_SCORES, PERIODS
from services.api.files.columns import MONTH_LINES, closing
from services.api.files.csv import Column, CsvForm, Variant, file_name
from services.api.files.digests import Computed, Digests, KeptDigests, Published
from services.api.files.parquet import structure
from services.api.files.redistribution import counters_may_leave, given, note

FINGERPRINT = "empreinte"
VARIANTS: tuple[Variant, ...] = ("standard", "excel")
LINES_AT_ONCE = 2000
"""Lines of the hashed text that are sent at once."""


class MonthFiles:
    """The files of the published months of an installation, and their digests, kept once made."""

    def __init__(self, figures: Figures, *, simulation: bool) -> None:
        self._figures = figures
        self._simulation = simulation
        self._kept = KeptDigests()

    def name(
        self, period: str, network: str, variant: Variant, until: datetime | None = None
    ) -> str:
        """Return the name of the file of a network and a month; `until` when it is no secret."""
        name = f"scores_{network}_{period}"
        if until is not None:
            name = f"sous-embargo_{until.astimezone(PARIS):%Y-%m-%d}_{name}"
        return file_name(name, simulation=self._simulation, variant=variant)

    def hashed_text_name(self, period: str) -> str:
        """Return the name of the text that the month's hash is of."""
        return f"{'simulation_' if self._simulation else ''}{FINGERPRINT}_{period}.txt"

    async def csv(
        self, period: str, network: str, variant: Variant, until: datetime | None = None
    ) -> AsyncGenerator[bytes]:
        """Yield the bytes of the file of a network, nothing before the engine answers.

        Under an embargo, each line says `until` when the month is none but provisional.
        """
        form = _form(period, network, variant, until)
        before = form.head()
        async with aclosing(self._lines(period, network)) as blocks:
            async for block in blocks:
                yield before + await asyncio.to_thread(form.lines, map(given, block))
                before = b""
        if before:
            yield before

    async def parquet(self, period: str, network: str) -> bytes:
        """Return the same file as Parquet, whole: its end says where everything is.

        Its CSV is held meanwhile, some 300 bytes an account.
        """
        parts = [part async for part in self.csv(period, network, "standard")]
        columns = _form(period, network, "standard").all_columns
        return await self._figures.as_parquet(b"".join(parts), structure(columns, GivenLine))

    def parquet_name(self, period: str, network: str) -> str:
        """Return the name of that file."""
        return self.name(period, network, "standard").removesuffix(".csv") + ".parquet"

    async def year(
        self, periods: Sequence[str], network: str, variant: Variant
    ) -> AsyncGenerator[bytes]:
        """Yield the files of several months of a network as one: a head, then their lines."""
        head = _form(periods[0], network, variant).head()
        yield head
        for period in periods:
            async with aclosing(self.csv(period, network, variant)) as parts:
                first = await anext(parts, head)
                yield first.removeprefix(head)
                async for part in parts:
                    yield part

    async def json(self, period: str, network: str) -> AsyncGenerator[bytes]:
        """Yield the bytes of the JSON array of a network, as `csv`."""
        before = b"["
        async with aclosing(self._lines(period, network)) as blocks:
            async for block in blocks:
                yield before + await asyncio.to_thread(_json, block)
                before = b","
        yield b"]" if before == b"," else b"[]"

    async def hashed_text(self, period: str) -> AsyncGenerator[bytes]:
        """Yield the text whose SHA-256 is the month's hash, but for the bounds that may not leave.

        Its lines are sorted, hence held: 150 bytes an account, not its row (5 kB).
        """
        lines: list[bytes] = []
        async with aclosing(self._lines(period)) as blocks:
            async for block in blocks:
                lines += map(published_line, block)
        await asyncio.to_thread(lines.sort)
        for start in range(0, len(lines), LINES_AT_ONCE):
            yield (b"\n" if start else b"") + b"\n".join(lines[start : start + LINES_AT_ONCE])

    async def recomputed(self, period: str) -> str:
        """Return the SHA-256 of the lines of a month as they are read: its hash, or a fault."""
        lines: list[bytes] = []
        async with aclosing(self._lines(period)) as blocks:
            async for block in blocks:
                lines += map(hashed_line, block)
        return await asyncio.to_thread(lambda: sha256(b"\n".join(sorted(lines))).hexdigest())

    async def known_digest(self, period: str, network: str, variant: Variant) -> str | None:
        """Return the SHA-256 of a file where it is known already: it costs nothing."""
        known = self._kept.known(await self._computed(period))
        return known.files[network, variant].digest if known else None

    async def digests(self, period: str) -> Digests:
        """Return the name and digest of every file of a month. Raises `KeyError` for another.

        Kept until the month is computed anew: its rows are read once for all of them.
        """
        return await self._kept.of(await self._computed(period), lambda: self._made(period))

    async def _computed(self, period: str) -> Computed:
        months = {one.period: one.computed_at for one in await self._figures.read(PERIODS)}
        return period, months[period]

    def _lines(self, period: str, network: str = "") -> AsyncGenerator[list[MonthLine]]:
        return self._figures.blocks(MONTH_SCORES, network=network, period=period)

    async def _made(self, period: str) -> Digests:
        being_made = _Making(period)
        async with aclosing(self._lines(period)) as blocks:
            async for block in blocks:
                await asyncio.to_thread(being_made.add, block)
        text = await asyncio.to_thread(being_made.text)
        files: dict[tuple[str, Variant], Published] = {
            (network, variant): Published(
                self.name(period, network, variant),
                made.hexdigest(),
                being_made.counts[network],
            )
            for (network, variant), made in being_made.hashes.items()
        }
        return Digests(files, Published(self.hashed_text_name(period), text, len(being_made.lines)))


def _json(lines: Iterable[MonthLine]) -> bytes:
    return ",".join(given(line).model_dump_json() for line in lines).encode()


def hashed_line(line: MonthLine) -> bytes:
    """Return the line of an account in the text that is hashed (methodology, 12.1)."""
    values = (_hundredths(getattr(line, column)) for column in HASHED)
    return ";".join("" if value is None else str(value) for value in values).encode()


def published_line(line: MonthLine) -> bytes:
    """Return the line of an account as it leaves: an exact bound may not, where counters may not.

    Where such a network is in a month, nobody outside can compute the month's hash.
    """
    if not counters_may_leave(line.network):
        line = line.model_copy(update={"low": None, "high": None})
    return hashed_line(line)


def _hundredths(value: object) -> object:
    """Return points in hundredths, as the engine keeps them, and anything else as it is."""
    return int(value * 100) if isinstance(value, Decimal) else value


class _Making:
    """The hashes of every file of a month while its rows go by, and the lines of its text."""

    def __init__(self, period: str) -> None:
        self.forms: dict[tuple[str, Variant], CsvForm[GivenLine]] = {
            (network, variant): _form(period, network, variant)
            for network in SCORED
            for variant in VARIANTS
        }
        self.hashes = {key: sha256(form.head()) for key, form in self.forms.items()}
        self.counts = dict.fromkeys(SCORED, 0)
        self.lines: list[bytes] = []

    def add(self, block: Iterable[MonthLine]) -> None:
        for network, group in groupby(block, lambda line: line.network):
            rows = list(group)
            self.lines += map(published_line, rows)
            if network in self.counts:
                self.counts[network] += len(rows)
                leaving = list(map(given, rows))
                for variant in VARIANTS:
                    key = (network, variant)
                    self.hashes[key].update(self.forms[key].lines(leaving))

    def text(self) -> str:
        """Return the SHA-256 of the text."""
        self.lines.sort()
        found = sha256()
        for place, line in enumerate(self.lines):
            found.update(b"\n" + line if place else line)
        return found.hexdigest()


def _form(
    period: str, network: str, variant: Variant, until: datetime | None = None
) -> CsvForm[GivenLine]:
    embargo: tuple[Column[GivenLine], ...] = (
        Column(
            "embargo",
            lambda _: until,
            "jusqu’à quand ces chiffres, déjà publics, ne sont que provisoires",
        ),
    )
    return CsvForm(
        [*MONTH_LINES, *closing(period, note(network)), *(embargo if until else ())],
        lambda row: row.origin,
        variant,
    )
