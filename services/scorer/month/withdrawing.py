"""A published month taken away, with a reason that the public reads; nothing of it is erased.

Its lines of `months` say so, and no view shows a month whose last line does. A computation of
it afterwards is another revision, which is published again, and needs a reason too.
"""

from libs.clock import Clock
from libs.engine.client import Engine
from libs.engine.insert import insert
from services.scorer.month.bareme_table import instant
from services.scorer.month.period import Month
from services.scorer.month.placing import Line

REASON_CHARACTERS = 10
"""Signs of a reason: it is what the public is told."""


async def withdraw(client: Engine, period: str, clock: Clock, reason: str) -> Line:
    """Take a published month away; return its last line. Raises `ValueError`, the engine's errors.

    Every revision that was published is marked: an older one must not show in its place.
    """
    month, said = Month.parse(period), reason.strip()
    if len(said) < REASON_CHARACTERS:
        raise ValueError(f"say why, for the public, in {REASON_CHARACTERS} signs at least")
    names = ", ".join(
        f"toString({name})" if name in ("hash", "computed_at") else name
        for name in Line.__struct_fields__
        if not name.startswith("withdrawn")
    )
    found = await client.query(
        f"SELECT {names} FROM months FINAL WHERE period = {{period:String}} AND published"  # noqa: S608
        " AND withdrawn_at IS NULL ORDER BY computed_at, revision",
        parameters={"period": str(month)},
    )
    if not found.result_rows:
        raise ValueError(f"{month} is not published: nothing is to be taken away")
    at = instant(clock)
    lines = [Line(*row, withdrawn=said, withdrawn_at=at) for row in found.result_rows]
    await insert(client, "months", lines)
    return lines[-1]
