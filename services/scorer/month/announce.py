"""A published month told to the others: one `scores.computed` an account."""

from collections.abc import Iterable, Sequence
from typing import Any

from contracts.event import hashed_id
from contracts.scores import ScoreComputed
from contracts.topics import SCORES_COMPUTED
from libs.engine.client import Engine
from libs.wire.wire import Wire
from services.scorer.month.month import Computed

TOLD = (
    "account",
    "network",
    "territory",
    "score",
    "low",
    "high",
    "category",
    "stratum",
    "rank",
    "ranked",
    "stratum_rank",
    "stratum_ranked",
    "reason",
)
SCORES_AT_ONCE = 5_000


async def announce(client: Engine, wire: Wire, month: Computed) -> int:
    """Publish the scores of a month that was just put in place; return how many.

    Ids are those of the account, month, methodology and revision: telling again tells nothing new.
    """
    found = await client.query(
        f"SELECT {', '.join(TOLD)} FROM scores"  # noqa: S608
        " WHERE period = {period:String} AND methodology = {methodology:String} ORDER BY account",
        parameters={"period": month.period, "methodology": month.methodology},
    )
    rows = found.result_rows
    for start in range(0, len(rows), SCORES_AT_ONCE):
        told = events(rows[start : start + SCORES_AT_ONCE], month, wire.installation)
        await wire.publish_all(SCORES_COMPUTED, told)
    return len(rows)


def events(rows: Iterable[Sequence[Any]], month: Computed, origin: str) -> Iterable[ScoreComputed]:
    """Return the events of rows of `TOLD`; what is empty in the table is null on the wire."""
    for row in rows:
        told = {name: None if value == "" else value for name, value in zip(TOLD, row, strict=True)}
        account = str(told["account"])
        yield ScoreComputed.model_validate(
            {
                **told,
                "event_id": hashed_id(
                    "score", account, month.period, month.methodology, str(month.revision)
                ),
                "origin": origin,
                "period": month.period,
                "methodology": month.methodology,
                "revision": month.revision,
                "state": month.state,
                "computed_at": month.at,
            }
        )
