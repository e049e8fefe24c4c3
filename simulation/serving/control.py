"""What tests and the demonstration ask of the world itself, under ``/__world__/``."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from libs.clock import SteppedClock
from simulation.country.days import DAY, MINUTE, iso, moment_of
from simulation.serving.exchange import Answer, answered
from simulation.serving.faults import Fault
from simulation.serving.platforms import Networks


class Staging(msgspec.Struct, frozen=True):
    """A crisis or mentions to stage now: where, what, when (seconds from now), how many."""

    place: str = "Essai-sur-Onde"
    kind: str = "water"
    delay: int = 0
    minutes: int = 20
    messages: int = 14
    text: str | None = None
    network: str = ""


class Happening(msgspec.Struct, frozen=True):
    """What happens now to the account of a place on a network."""

    network: str
    what: Literal["renamed", "closed", "hidden"]
    place: str = "Essai-sur-Onde"


class Moving(msgspec.Struct, frozen=True):
    """Where to move a stepped clock: to a moment (ISO 8601), or by so many seconds."""

    to: str | None = None
    seconds: int = 0


def control(networks: Networks, verb: str, name: str, body: bytes) -> Answer:
    """What tests and the demonstration ask of the world itself."""
    try:
        return _control(networks, verb, name, body)
    except (msgspec.MsgspecError, KeyError, ValueError, StopIteration) as problem:
        return answered({"error": f"{type(problem).__name__}: {problem}"}, 400)


def _control(networks: Networks, verb: str, name: str, body: bytes) -> Answer:
    mentions = networks.world.mentions
    match verb, name:
        case "GET", "ledger":
            return answered(
                {"buckets": networks.ledger.summary(), "faults": networks.faults.struck}
            )
        case "GET", "healthz" | "readyz":
            return answered({"status": "ok"})
        case "GET", "status" | "":
            return answered(
                {
                    "seed": networks.world.seed,
                    "territories": len(networks.world.places),
                    "accounts": len(networks.world.accounts),
                    "now": f"{iso(networks.moment())}Z",
                    "streams": networks.listeners,
                }
            )
        case "GET", "faults":
            return answered(networks.faults.known)
        case "POST", "faults":
            networks.faults.known.append(msgspec.json.decode(body, type=Fault))
            return answered(networks.faults.known)
        case "DELETE", "faults":
            networks.faults.known.clear()
            return answered([])
        case "GET", "crises":
            now = networks.moment()
            found = mentions.crises(now - 30 * DAY, now + DAY)
            return answered([crisis._asdict() for crisis in found])
        case "POST", "crises":
            asked = msgspec.json.decode(body, type=Staging)
            start = networks.moment() + max(asked.delay, 1)
            end = start + asked.minutes * MINUTE
            crisis = mentions.stage(
                networks.world.place(asked.place), asked.kind, start, end, asked.messages
            )
            return answered(crisis._asdict())
        case "POST", "mentions":
            asked = msgspec.json.decode(body, type=Staging)
            mention = mentions.publish(
                asked.network, asked.text or "", networks.moment() + max(asked.delay, 1)
            )
            return answered(mention._asdict())
        case "POST", "accounts":
            return _happen(networks, msgspec.json.decode(body, type=Happening))
        case "POST", "clock":
            return _move(networks, msgspec.json.decode(body, type=Moving))
        case _:
            return answered({"error": f"nothing called {name}"}, 404)


def _happen(networks: Networks, happening: Happening) -> Answer:
    """Rename, close or hide the main account of a place, from now on."""
    code = networks.world.place(happening.place).territory.code
    known = networks.world.by_network.get(happening.network, [])
    account = next(one for one in known if one.home == code and one.role == "main")
    match happening.what:
        case "renamed":
            account.renamed_at = networks.moment()
        case "closed":
            account.closed_at = networks.moment()
        case "hidden":
            account.hidden = True
    networks.world.refresh()
    return answered({"account": account.id, "handle": account.handle_at(networks.moment())})


def _move(networks: Networks, moving: Moving) -> Answer:
    clock = networks.clock
    if not isinstance(clock, SteppedClock):
        return answered({"error": "this world's clock runs by itself"}, 409)
    if moving.to is not None:
        clock.step_to(datetime.fromtimestamp(moment_of(moving.to), UTC))
    else:
        clock.step_to(clock.now() + timedelta(seconds=moving.seconds))
    return answered({"now": f"{iso(networks.moment())}Z"})
