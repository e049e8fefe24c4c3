"""Names of the accounts, and what the cast shows whatever the draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.accounts import Account
    from simulation.territories import Place


def display_name(place: Place, role: str) -> str:
    """The name that an account shows."""
    territory = place.territory
    if role == "tourism":
        return f"Office de tourisme {territory.with_de}"
    if role == "mayor":
        return f"Maire {territory.with_de} (compte personnel fictif)"
    if territory.kind == "commune":
        return (
            f"{'Ville' if (territory.population or 0) >= 2000 else 'Commune'} {territory.with_de}"
        )
    if territory.kind == "departement":
        return f"Département {territory.with_de}"
    if territory.kind == "region":
        return f"Région {territory.nom}"
    return territory.nom


def play(account: Account, part: str | None, role: str) -> None:
    """What the places of the cast show, whatever the draws."""
    if part == "community_manager":
        account.rate = {"instagram": 870, "facebook": 640, "bluesky": 480}.get(
            account.network, account.rate
        )
        account.engagement = {"instagram": 29_500, "bluesky": 15_000}.get(
            account.network, account.engagement
        )
        if account.network == "instagram":
            account.knots[0] = 2_310
    elif part == "few_posts":
        account.rate = 75
    elif part == "tourist":
        account.knots[0] = account.knots[0] * (6 if role == "tourism" else 3)
