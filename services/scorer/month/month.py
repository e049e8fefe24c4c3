"""A month computed inside ClickHouse, then put in place at once.

Two staging tables: `scored` has what each account is by itself, `complete` the ranks too. The month
is then replaced whole: readers see the old one, then the new one (placing.py beside). A run cut
short before that leaves the old one; one cut short within it is finished by the next.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import msgspec
import structlog

from contracts.event import Installation
from libs.clock import Clock
from libs.engine.client import Engine
from libs.engine.insert import create_staging, drop, drop_forgotten
from services.scorer.methodologies import Methodology, methodology
from services.scorer.month.bareme_table import LONG_QUERY, ensure, instant
from services.scorer.month.fewer import Counted, ranked_by_network
from services.scorer.month.fewer import check as check_fewer
from services.scorer.month.methodology_tables import store_methodology
from services.scorer.month.period import Month
from services.scorer.month.placing import Line, State, Sums, finish, in_place, place, summed
from services.scorer.month.rank import columns, ranked
from services.scorer.month.score import SCORED_COLUMNS, scored

log = structlog.get_logger(__name__)


class TooEarlyError(Exception):
    """The month cannot be computed, or made final, yet."""


class FinalMonthError(Exception):
    """The month is final and a figure would change, or it was taken away: say why."""


class Computed(Line, frozen=True, kw_only=True):
    """What a computation gave: its line, whether it is a new revision, when (UTC), how fast."""

    changed: bool
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class _Kept:
    revision: int
    state: State
    hash: str
    accounts: int
    ranked: int
    withdrawn: bool


async def compute(
    client: Engine,
    period: str | Month,
    version: str,
    clock: Clock,
    *,
    installation: Installation,
    final: bool = False,
    publish: bool = True,
    reason: str = "",
    fewer: bool = False,
) -> Computed:
    """Compute a month by a methodology and put it in place.

    `publish=False` computes beside what is published, to compare methodologies. `reason` says why a
    final month is revised, `fewer` that a person knows why accounts are missing.

    Raises `ValueError` (no such month), `UnknownMethodologyError`, `TooEarlyError`, `BaremeError`,
    `FinalMonthError`, `FewAccountsError`, and `clickhouse_connect`'s errors.
    """
    month = period if isinstance(period, Month) else Month.parse(period)
    rules = methodology(version)
    now = clock.now()
    _check_time(month, now, final=final)
    started = time.perf_counter()
    reference = await ensure(client, rules, clock, installation)
    await store_methodology(client, rules)
    await finish(client)
    await drop_forgotten(client, "scores")
    async with _staging(client, month, version) as (first, complete):
        previous = await _score_and_rank(client, month, rules, first, complete)
        sums = await summed(client, complete)
        kept = await _kept(client, month, version)
        if previous and not fewer:
            await _check_fewer(client, month, complete, sums, previous)
        if not publish and await published(client, month) == (str(month), version):
            raise ValueError(f"{month} is published by {version} itself: nothing to compare")
        if not reason:
            await _check_reason(client, month, kept, sums.hash, publish=publish)
    line = _line(
        month, rules, kept, sums, final=final, publish=publish, reason=reason,
        bareme_reference=reference, computed_at=instant(clock),
    )  # fmt: skip
    await place(client, complete, line)
    changed, seconds = kept is None or kept.hash != line.hash, time.perf_counter() - started
    done = Computed(**msgspec.structs.asdict(line), changed=changed, at=now, seconds=seconds)
    log.info("month computed", period=done.period, ranked=done.ranked, seconds=done.seconds)
    return done


@asynccontextmanager
async def _staging(client: Engine, month: Month, version: str) -> AsyncGenerator[tuple[str, str]]:
    """Make `scored` and `complete` of one run; afterwards `complete` is left, if all went well."""
    # Of this run alone: two of one month (by hand, and on the 9th) may not fill each other's.
    token = f"{month}_{version}_{uuid4().hex[:8]}".replace("-", "_")
    first, complete = f"scores_{token}_scored", f"scores_{token}_complete"
    try:
        for staging in (first, complete):
            await create_staging(client, staging, "scores")
        yield first, complete
    except BaseException:
        await drop(client, complete)
        raise
    finally:
        await drop(client, first)


async def _score_and_rank(
    client: Engine, month: Month, rules: Methodology, first: str, complete: str
) -> tuple[str, str] | None:
    """Fill both staging tables; return the month before that ranks are compared with, if any."""
    await _fill(client, first, ", ".join(SCORED_COLUMNS), scored(month, rules))
    previous = await published(client, month.plus(-1))
    await _fill(client, complete, columns(rules), ranked(first, rules, previous))
    return previous


def _line(
    month: Month,
    rules: Methodology,
    kept: _Kept | None,
    sums: Sums,
    *,
    final: bool,
    publish: bool,
    reason: str,
    bareme_reference: str,
    computed_at: str,
) -> Line:
    """Return what is kept of a computation: a new revision where the month had other figures."""
    return Line(
        period=str(month),
        methodology=rules.version,
        revision=(kept.revision + (kept.hash != sums.hash or kept.withdrawn)) if kept else 1,
        state="final" if final or (kept and kept.state == "final") else "provisional",
        published=publish,
        reason=reason,
        bareme_reference=bareme_reference,
        **sums._asdict(),
        computed_at=computed_at,
    )


async def _check_fewer(
    client: Engine, month: Month, complete: str, sums: Sums, previous: tuple[str, str]
) -> None:
    """Refuse a month with far fewer accounts than the one before, as it is published."""
    before = await _kept(client, month.plus(-1), previous[1])
    if before is None:
        return
    check_fewer(
        month,
        Counted(sums.accounts, sums.ranked, await ranked_by_network(client, complete)),
        Counted(
            before.accounts, before.ranked, await ranked_by_network(client, in_place(*previous))
        ),
    )


async def _check_reason(
    client: Engine, month: Month, kept: _Kept | None, digest: str, *, publish: bool
) -> None:
    """Refuse what needs a reason: a month taken away by any methodology, a final one that changes.

    `publish` is False for what is computed beside: it brings nothing back.
    """
    gone = publish and await answered_for(client, month) and await published(client, month) is None
    if gone or (kept and kept.withdrawn):
        raise FinalMonthError(f"{month} was taken away: give the reason of its revision")
    if kept and kept.state == "final" and kept.hash != digest:
        raise FinalMonthError(
            f"{month} is final (revision {kept.revision}, {kept.hash[:12]}…) and a figure would"
            f" change ({digest[:12]}…): give the reason of the revision"
        )


async def answered_for(client: Engine, month: Month) -> bool:
    """Return whether a month is published, or was and is taken away: no machine decides of it."""
    found = await client.query(
        "SELECT 1 FROM months FINAL WHERE period = {period:String} AND published LIMIT 1",
        parameters={"period": str(month)},
    )
    return bool(found.result_rows)


async def published(client: Engine, month: Month) -> tuple[str, str] | None:
    """Return the period and methodology by which a month is published, if it is."""
    found = await client.query(
        "SELECT methodology FROM months FINAL WHERE period = {period:String} AND published"
        " AND withdrawn_at IS NULL ORDER BY computed_at DESC, revision DESC LIMIT 1",
        parameters={"period": str(month)},
    )
    return (str(month), str(found.result_rows[0][0])) if found.result_rows else None


def _check_time(month: Month, now: datetime, *, final: bool) -> None:
    from_when = month.final_from if final else month.provisional_from
    if now < from_when:
        what = "final" if final else "computed"
        raise TooEarlyError(f"{month} can be {what} from {from_when:%Y-%m-%d %H:%M} UTC on")


async def _fill(client: Engine, table: str, names: str, select: str) -> None:
    await client.command(f"INSERT INTO {table} ({names}) {select} {LONG_QUERY}")


async def _kept(client: Engine, month: Month, version: str) -> _Kept | None:
    found = await client.query(
        "SELECT revision, state, toString(hash), accounts, ranked, withdrawn_at FROM months FINAL"
        " WHERE period = {period:String} AND methodology = {methodology:String}"
        " ORDER BY revision DESC LIMIT 1",
        parameters={"period": str(month), "methodology": version},
    )
    for revision, state, digest, accounts, ranked_accounts, gone in found.result_rows:
        counts = (int(accounts), int(ranked_accounts))
        return _Kept(int(revision), state, str(digest), *counts, gone is not None)
    return None
