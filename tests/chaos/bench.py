"""One run: start the line, load it, strike it, let it settle, compare."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random

from deploy.local.supervision.children import free_port
from services.scorer.intake.replay import DeadLetters
from tests.chaos.compare import Report, compare, settled
from tests.chaos.faults import Faults
from tests.chaos.line import SERVICES, Line
from tests.chaos.load import Load
from tests.chaos.mails import MailServer
from tests.chaos.running import while_it_runs

SETTLE_SECONDS = 300.0


def run(
    folder: Path,
    seed: int,
    seconds: float,
    longest_freeze: float = 8.0,
    most: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Strike for so many seconds, or `most` times, and return what was found.

    `tell` hears of each fault when it is over. Raises what the bench itself fails at.
    """
    port = free_port()
    line = Line(folder, port, seed)
    faults = Faults(line, MailServer(), Random(seed), longest_freeze, tell=tell)
    return while_it_runs(line, lambda: _strike(line, port, Load(line, seed), faults, seconds, most))


async def _strike(
    line: Line, port: int, load: Load, faults: Faults, seconds: float, most: int | None
) -> Report:
    mails = faults.mails
    await mails.start(port)
    await load.watch()
    loading = asyncio.create_task(load.run())
    try:
        await faults.run(seconds, most)
    finally:
        load.over.set()
        await loading
    if faults.refused:
        await DeadLetters(line.kafka_url, "simulation").replay()
    took, late = await settled(line, load.ledger, SETTLE_SECONDS)
    report = await compare(line, load.ledger, mails)
    report.check("groups behind", [f"{group}: {lag}" for group, lag in late.items()])
    report.check("services not ready", [s for s in SERVICES if not await line.ready(s)])
    given_up = [said for said in line.told.sentences if "abandonné" in said]
    report.check("parts given up", given_up)
    report.check("parts that did not come back", faults.lost)
    # One copy more is allowed of a mail that was accepted while something struck alerts, the log
    # of what was told, or the way to the mail server.
    report.check(
        "mails repeated without a fault",
        [
            name
            for name, copies in mails.accepted.items()
            for copy in copies[:-1]
            if not any(fault.may_repeat(copy) for fault in faults.struck)
        ],
    )
    report.counted |= {
        "faults": len(faults.struck),
        "faults by name": faults.counted,
        "longest by name (s)": faults.longest,
        "mails taken and not answered": mails.unanswered,
        "slowest recovery (s)": {n: round(s, 1) for n, s in sorted(faults.slowest.items())},
        "settled after (s)": round(took, 1),
    }
    mails.stop()
    return report
