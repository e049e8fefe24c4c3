"""Accounts as registered and as observed: valid events, complete but for what a test says."""

from datetime import UTC, datetime

from contracts.accounts import ACCOUNT_COUNTERS, AccountObserved, AccountRegistered, Ownership

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def account_registered(
    account: str = "a", at: datetime = NOON, **fields: object
) -> AccountRegistered:
    """Return an account of Bluesky, verified, of the territory 00001."""
    known: dict[str, object] = {
        "event_id": f"{account}-{fields.get('revision', 1)}", "origin": "simulation",
        "account": account, "revision": 1, "network": "bluesky", "handle": f"{account}.example",
        "address": f"https://network.example/{account}", "state": "verified",
        "owners": (Ownership(territory="00001", home=True),), "registered_at": at, "changed_at": at,
    }  # fmt: skip
    return AccountRegistered.model_validate(known | fields)


def account_observed(account: str = "a", at: datetime = NOON, **fields: object) -> AccountObserved:
    """Return what was seen of an account of Bluesky; counters that are not told are not asked."""
    known: dict[str, object] = {
        "event_id": f"{account}-{at.isoformat()}", "origin": "simulation", "account": account,
        "network": "bluesky", "handle": f"{account}.example", "slot": at, "observed_at": at,
        **dict.fromkeys(("followers", "following", "posts")),
        "absent": {name: "not_asked" for name in ACCOUNT_COUNTERS if fields.get(name) is None},
    }  # fmt: skip
    return AccountObserved.model_validate(known | fields)
