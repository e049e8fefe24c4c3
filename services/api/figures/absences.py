"""Accounts that their network says are not there, beside what was measured of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.api.figures.queries import Figures
from services.api.figures.rows import AccountAbsence, KnownAccount, TerritoryAccount
from services.api.figures.views import ACCOUNT_ABSENCES


async def with_absences(
    figures: Figures, territory: str, accounts: Sequence[KnownAccount]
) -> list[TerritoryAccount]:
    """Return the accounts of a territory with what is said of those that are not there.

    Raises `EngineUnavailable`.
    """
    found = await figures.read(ACCOUNT_ABSENCES, territory=territory)
    absent = {one.account: one for one in found}
    return [_told(one, absent) for one in accounts]


def _told(account: KnownAccount, absent: Mapping[str, AccountAbsence]) -> TerritoryAccount:
    fields: dict[str, Any] = dict(account)
    if (one := absent.get(account.account)) is not None:
        fields |= {
            "absence": one.absence,
            "absent_since": one.since,
            "absence_confirmed": one.confirmed,
        }
    return TerritoryAccount(**fields)
