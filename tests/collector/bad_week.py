"""A bad week: storms, outages, an expired token of each kind, accounts renamed, and who may ask."""

from datetime import datetime
from typing import Any

from contracts.accounts import AccountRegistered
from contracts.networks import BY_SLUG
from simulation.country.accounts import Account
from simulation.country.days import DAY, HOUR, MINUTE
from simulation.country.world import World
from simulation.networks.mastodon import INSTANCES
from simulation.serving.faults import Fault
from tests.collector.accelerated import TOKENS
from tests.collector.judgement import Judgement
from tests.collector.simulated import registered

BY_HAND = DAY
"""How long after its rename an Instagram account gets its new name by hand: no API tells it."""

RENAMED = ("bluesky", "mastodon", "facebook", "instagram", "tiktok")
ACCOUNTS_A_TOKEN = {"facebook": 250, "instagram": 200}
"""One credential of Meta (200 calls an hour) for so many accounts, and one more that may expire."""


def tokens_of(world: World) -> dict[str, str]:
    """Return the credentials that a world of that size needs, by name."""
    tokens = dict(TOKENS)
    for network, each in ACCOUNTS_A_TOKEN.items():
        for rank in range(2 + len(world.by_network[network]) // each):
            name = network if rank == 0 else f"{network}-{rank + 1}"
            owner = f"{17840000000000001 + rank}:" if network == "instagram" else ""
            tokens[name] = f"{owner}{network}-token-{rank + 1}"
    return tokens


def faults_from(start: int, days: int) -> list[Fault]:
    """Return a bad week: storms, outages, an expired token, and a little of everything."""

    def lasting(kind: Any, host: str, day: float, minutes: int, **more: Any) -> Fault:
        since = start + int(day * days * DAY / 7)
        return Fault(kind, host, since=since, until=since + minutes * MINUTE, **more)

    return [
        lasting("429", "public.api.bsky.app", 1.1, 20, seconds=120),
        lasting("429", "graph.facebook.com", 2.2, 15, seconds=300),
        lasting("429", INSTANCES[0], 3.1, 30, seconds=60),
        lasting("503", "www.googleapis.com", 2.6, 60, seconds=600),
        lasting("500", "public.api.bsky.app", 4.2, 25),
        lasting("expired_token", "graph.facebook.com", 3.4, 60, credential="facebook-token-2"),
        lasting("expired_token", "graph.facebook.com", 5.1, 60, credential="instagram-token-2"),
        Fault("429", ".example", per_mille=3, seconds=90),
        Fault("500", per_mille=8),
        Fault("503", per_mille=4, seconds=120),
        Fault("broken", per_mille=6),
        Fault("html", per_mille=3),
        Fault("slow", per_mille=3, seconds=30),
        Fault("closed", per_mille=4),
    ]


def rename_some(world: World, start: int, days: int, *, share: int = 50) -> list[Account]:
    """Rename one visible account in so many of each network, one after the other in the week."""
    judgement = Judgement(world, start, start + days * DAY)
    chosen: list[Account] = []
    for network in RENAMED:
        usable = [
            account
            for account in world.by_network[network]
            if account.id in judgement.visible and account.renamed_at is None
        ]
        some = usable[:: max(1, min(share, len(usable) // 2))]
        for rank, account in enumerate(some):
            span = (days * 5 // 7) * DAY
            account.renamed_at = start + DAY // 4 + rank * span // max(1, len(some))
            chosen.append(account)
    return chosen


def named_at(account: Account, moment: int, at: datetime, revision: int) -> AccountRegistered:
    """Return an account as the registry has it: by the handle that it has at a moment."""
    return registered(account, at).model_copy(
        update={"handle": account.observed_handle(moment), "revision": revision}
    )


def hide_some(world: World, start: int, days: int, *, share: int = 50) -> list[Account]:
    """Hide one visible account in so many of each network for one to six hours, then show it.

    Where only its owner lets us read one, nothing that is hidden from others is hidden from us.
    """
    judgement = Judgement(world, start, start + days * DAY)
    chosen: list[Account] = []
    for network in (one.slug for one in BY_SLUG.values() if not one.by_owner):
        usable = [
            account
            for account in world.by_network[network]
            if account.id in judgement.visible and account.renamed_at is None
        ]
        for rank, account in enumerate(usable[1 :: max(1, min(share, len(usable) - 1))]):
            since = start + DAY // 2 + (rank * 7 % (days * 20)) * HOUR
            account.hidden_spans.append((since, since + (6 - rank % 6) * HOUR))
            chosen.append(account)
    world.refresh()
    return chosen


REFUSED = "mairie_d_essai.example"
"""A handle that is none to Bluesky's AppView: it refuses the batch that asks for it."""


def with_a_refused_handle(account: AccountRegistered) -> AccountRegistered:
    """Return an account known by a handle that was written wrong, and by nothing else."""
    return account.model_copy(
        update={"account": "refused", "handle": REFUSED, "native_id": None, "event_id": "refused"}
    )
