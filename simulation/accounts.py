"""Accounts of the invented territories: who they are, and the names by which they are known.

How they come to be is ``crowd.py``.
"""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["main", "tourism", "mayor"]
Form = Literal["page", "unreviewed", "profile", "group", "professional", "personal", "plain"]
"""What the network lets others see: a Facebook page (reviewed for us or not), profile or group; an
Instagram account, professional or personal; « plain » elsewhere."""

INSTANCES = (
    "social.simulation.example",
    "mastodon.essai.example",
    "pouet.maquette.example",
    "toot.mirage.example",
)


@dataclass(slots=True, eq=False)
class Account:
    """One account; ``serial`` is unique in the country and the same in worlds of every size."""

    serial: int
    id: str
    network: str
    name: str
    place: str
    de_place: str
    first_handle: str
    native_id: str
    owners: tuple[str, ...]
    role: Role
    form: Form
    part: str | None
    population: int
    created: int
    rate: int
    engagement: int
    following: int
    posts_before: int
    knots: list[int]
    growth: int
    hidden: bool
    comments_closed: bool
    quiet_august: bool
    renamed_at: int | None
    closed_at: int | None
    host: str = ""
    fortnights: dict[int, tuple[bytes, dict[int, int]]] = field(
        default_factory=dict[int, tuple[bytes, dict[int, int]]]
    )
    silences: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])

    @property
    def home(self) -> str:
        """The territory that gives population and category."""
        return self.owners[0]

    def handle_at(self, moment: int) -> str:
        """The handle by which the network knows the account at a moment."""
        if self.renamed_at is None or moment < self.renamed_at:
            return self.first_handle
        return self.last_handle

    @property
    def last_handle(self) -> str:
        """The handle that the account takes if it is ever renamed."""
        if self.network == "rss":
            return self.first_handle
        return f"ville{'-' if self.network == 'bluesky' else '_'}{self.first_handle}"

    def address(self, moment: int) -> str:
        """The public address of the account, as its network writes it."""
        handle = self.handle_at(moment)
        match self.network:
            case "bluesky":
                return f"https://bsky.app/profile/{handle}"
            case "instagram":
                return f"https://www.instagram.com/{handle}/"
            case "facebook":
                return f"https://www.facebook.com/{handle}"
            case "youtube":
                return f"https://www.youtube.com/channel/{self.native_id}"
            case "mastodon":
                return f"https://{self.host}/@{handle}"
            case _:
                return self.native_id

    def observed_handle(self, moment: int) -> str:
        """The handle that a collector needs: a Mastodon user with its host, a feed's address."""
        if self.network == "mastodon":
            return f"{self.handle_at(moment)}@{self.host}"
        return self.native_id if self.network == "rss" else self.handle_at(moment)

    def open_at(self, moment: int) -> bool:
        """Whether the account exists at a moment."""
        return self.created <= moment and (self.closed_at is None or moment < self.closed_at)
