"""One run: start the line, load it, strike it, let it settle, compare."""

import asyncio
import threading
from pathlib import Path
from random import Random

from deploy.local.supervision.children import free_port
from tests.chaos.compare import Report, compare, settled
from tests.chaos.faults import Faults
from tests.chaos.line import SERVICES, Line
from tests.chaos.load import Load
from tests.chaos.mails import MailServer

SETTLE_SECONDS = 180.0
WATCH_EVERY = 0.1

TELLING = ("alerts", "kafka", "together")
"""Ends of the names of faults that strike what tells, or the log of what was told."""


def run(folder: Path, seed: int, seconds: float, longest_freeze: float = 8.0) -> Report:
    """Run it and return what was found; raises what the bench itself fails at.

    Parts belong to this thread, which watches over them: they end with the thread that starts them.
    """
    port = free_port()
    line = Line(folder, port)
    reports: list[Report] = []
    failures: list[BaseException] = []
    over = threading.Event()

    def strike() -> None:
        try:
            reports.append(asyncio.run(_strike(line, port, seed, seconds, longest_freeze)))
        except BaseException as error:  # told by whoever waits
            failures.append(error)
        finally:
            over.set()

    try:
        line.supervisor.start()
        striking = threading.Thread(target=strike, daemon=True)
        striking.start()
        while not over.wait(WATCH_EVERY):
            line.supervisor.watch()
        striking.join()
    finally:
        line.supervisor.stop()
    if failures:
        raise failures[0]
    return reports[0]


async def _strike(
    line: Line, port: int, seed: int, seconds: float, longest_freeze: float
) -> Report:
    mails = MailServer()
    await mails.start(port)
    load = Load(line, seed)
    faults = Faults(line, mails, Random(seed), longest_freeze)
    await load.watch()
    loading = asyncio.create_task(load.run())
    try:
        await faults.run(seconds)
    finally:
        load.over.set()
        await loading
    took, late = await settled(line, load.ledger, SETTLE_SECONDS)
    report = await compare(line, load.ledger, mails)
    report.check("groups behind", [f"{group}: {lag}" for group, lag in late.items()])
    report.check("services not ready", [s for s in SERVICES if not await line.ready(s)])
    lost = [said for said in line.told.sentences if "abandonné" in said]
    report.check("parts given up", lost)
    # A copy more is allowed where alerts, or its log, fell or stood still between acceptance and
    # log, or where the mail server did not answer.
    kills = sum(times for name, times in faults.struck.items() if name.split()[-1] in TELLING)
    if mails.repeats > kills + mails.unanswered:
        report.wrong["mails repeated"] = mails.repeats
    report.counted |= {
        "faults": dict(faults.struck),
        "mails taken and not answered": mails.unanswered,
        "slowest recovery (s)": {n: round(s, 1) for n, s in sorted(faults.slowest.items())},
        "settled after (s)": round(took, 1),
    }
    mails.stop()
    return report
