"""Events of a simulation, complete but for what a test says: the rest is of the golden samples."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from contracts.accounts import ACCOUNT_COUNTERS, AccountObserved, AccountRegistered, Ownership
from contracts.event import Event
from contracts.topics import DECLARED, Topic
from tests.conftest import ROOT

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
E = TypeVar("E", bound=Event)


@cache
def golden(topic: Topic) -> tuple[Event, ...]:
    """The golden samples of a topic, in the order of their names."""
    (declared,) = (each.name for each in DECLARED if topic in each.parts)
    files = sorted((ROOT / "contracts" / "samples" / declared).glob("*.json"))
    return tuple(topic.event.read(path.read_bytes()) for path in files)


def samples(topic: Topic) -> list[bytes]:
    """Those that a simulation takes, as producers write them."""
    return [event.encode() for event in golden(topic) if event.origin != "live"]


def event(model: type[E], **fields: Any) -> E:
    """An event with these fields; those that it must have and are not told are of a sample."""
    topic = next(each for each in DECLARED if each.event is model)
    sample = golden(topic)[0]
    needed = {name for name, field in model.model_fields.items() if field.is_required()}
    known = {name: getattr(sample, name) for name in needed}
    return model.model_validate(known | {"origin": "simulation"} | fields)


def row(model: type[Event], **fields: Any) -> dict[str, Any]:
    """An event as intake stores it."""
    return json.loads(event(model, **fields).encode())


def account_registered(account: str = "a", at: datetime = NOON, **fields: Any) -> AccountRegistered:
    """An account of Bluesky, verified, of the territory 00001."""
    known = {
        "event_id": f"{account}-{fields.get('revision', 1)}", "account": account, "revision": 1,
        "network": "bluesky", "handle": f"{account}.example", "state": "verified",
        "address": f"https://network.example/{account}", "registered_at": at, "changed_at": at,
        "owners": (Ownership(territory="00001", home=True),),
    }  # fmt: skip
    return event(AccountRegistered, **known | fields)


def account_observed(account: str = "a", at: datetime = NOON, **fields: Any) -> AccountObserved:
    """What was seen of an account of Bluesky; counters that are not told are not asked."""
    known = {
        "event_id": f"{account}-{at.isoformat()}", "account": account, "network": "bluesky",
        "handle": f"{account}.example", "slot": at, "observed_at": at,
        **dict.fromkeys(("followers", "following", "posts")),
        "absent": {name: "not_asked" for name in ACCOUNT_COUNTERS if fields.get(name) is None},
    }  # fmt: skip
    return event(AccountObserved, **known | fields)
