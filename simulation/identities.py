"""Names and ids of the accounts, and what the cast shows whatever the draws."""

from base64 import b32encode, urlsafe_b64encode

from simulation.accounts import INSTANCES, Account, Role
from simulation.names import slug
from simulation.territories import Place

_LONGEST_HANDLE = 22


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


def identity(
    place: Place, network: str, role: Role, token: bytes, created: int
) -> tuple[str, str, str]:
    """(handle, native id, host of the instance or of the feed), from the draw of an account."""
    name = slug(place.territory.nom)
    code = place.territory.code.lower()
    if len(name) > _LONGEST_HANDLE or place.territory.kind != "commune":
        name = name[: _LONGEST_HANDLE - len(code)] + code.removeprefix("00")
    if role == "tourism":
        name = f"visit.{name}" if network != "bluesky" else f"visit-{name}"
    elif role == "mayor":
        name = f"maire-{name}" if network == "bluesky" else f"maire.{name}"
    number = int.from_bytes(token[:8], "big")
    match network:
        case "bluesky":
            return f"{name}.example", f"did:plc:{b32encode(token[:15]).decode().lower()}", ""
        case "facebook":
            return (
                f"{name}.example",
                str(100_000_000_000_000 + number % 800_000_000_000_000),
                "",
            )
        case "instagram":
            return f"{name}.example", str(17_841_400_000_000_000 + number % 99_999_999_999), ""
        case "youtube":
            return f"{name}.example", "UC" + urlsafe_b64encode(token[:16])[:22].decode(), ""
        case "mastodon":
            user = name.replace(".", "_")[:30]
            # The last instance is closed to the anonymous: few are there, none of the cast.
            closed = number % 13 == 0 and place.part is None
            host = INSTANCES[-1] if closed else INSTANCES[number % (len(INSTANCES) - 1)]
            return user, str((created * 1000 << 16) + number % 65536), host
        case _:
            host = f"www.{name}.example"
            return f"{name}.example", f"https://{host}/actualites/feed", host


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
