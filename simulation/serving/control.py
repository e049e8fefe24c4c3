"""What tests and the demonstration ask of the world itself, under ``/__world__/``."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from libs.clock import SteppedClock
from simulation.country.days import DAY, MINUTE, iso, moment_of
from simulation.serving.exchange import Answer, answered
from simulation.serving.faults import Fault, Faults
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
    match verb, name:
        case "GET", "healthz" | "readyz":
            return answered({"status": "ok"})
        case "GET", "status" | "":
            return answered(_status(networks))
        case "GET", "ledger":
            return answered(
                {"buckets": networks.ledger.summary(), "faults": networks.faults.struck}
            )
        case _, "faults":
            return _faults(networks.faults, verb, body)
        case "GET", "crises":
            now = networks.moment()
            found = networks.world.mentions.crises(now - 30 * DAY, now + DAY)
            return answered([crisis._asdict() for crisis in found])
        case "POST", "crises":
            return _stage(networks, msgspec.json.decode(body, type=Staging))
        case "POST", "mentions":
            return _publish(networks, msgspec.json.decode(body, type=Staging))
        case "POST", "accounts":
            return _happen(networks, msgspec.json.decode(body, type=Happening))
        case "POST", "clock":
            return _move(networks, msgspec.json.decode(body, type=Moving))
        case _:
            return _unknown(name)


def _unknown(name: str) -> Answer:
    return answered({"error": f"nothing called {name}"}, 404)


def _status(networks: Networks) -> dict[str, object]:
    return {
        "seed": networks.world.seed,
        "territories": len(networks.world.places),
        "accounts": len(networks.world.accounts),
        "now": f"{iso(networks.moment())}Z",
        "streams": networks.listeners,
    }


def _faults(faults: Faults, verb: str, body: bytes) -> Answer:
    """List the faults that are to strike, add one, or have none any more."""
    match verb:
        case "GET":
            return answered(faults.known)
        case "POST":
            faults.known.append(msgspec.json.decode(body, type=Fault))
            return answered(faults.known)
        case "DELETE":
            faults.known.clear()
            return answered([])
        case _:
            return _unknown("faults")


def _stage(networks: Networks, asked: Staging) -> Answer:
    """Have a crisis begin at a place."""
    start = networks.moment() + max(asked.delay, 1)
    end = start + asked.minutes * MINUTE
    place = networks.world.place(asked.place)
    crisis = networks.world.mentions.stage(place, asked.kind, start, end, asked.messages)
    return answered(crisis._asdict())


def _publish(networks: Networks, asked: Staging) -> Answer:
    """Have one text be published."""
    at = networks.moment() + max(asked.delay, 1)
    mention = networks.world.mentions.publish(asked.network, asked.text or "", at)
    return answered(mention._asdict())


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
