"""A tiny Bluesky over HTTP: so many accounts, each with its posts; counts what it is asked."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from contracts.accounts import AccountRegistered
from tests.collector.serving import served
from tests.events import account_registered


@dataclass
class TinyBluesky:
    """Accounts `ville-0.example`… with `posts` each, published an hour apart before `now`."""

    accounts: int
    posts: int
    now: datetime
    latency: float = 0.0
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter[str])
    agents: set[str] = field(default_factory=set[str])

    def did(self, number: int) -> str:
        """Return the DID of an account."""
        return f"did:plc:ville{number}"

    def uris(self, number: int) -> list[str]:
        """Return the posts of an account."""
        return [
            f"at://{self.did(number)}/app.bsky.feed.post/3k{post}" for post in range(self.posts)
        ]

    def registered(self, number: int) -> AccountRegistered:
        """Return an account as the registry says it; its id is not known yet."""
        handle = f"ville-{number}.example"
        return account_registered(f"acc-{number}", self.now, handle=handle)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request as the AppView would."""
        method = request.path.rsplit(".", 1)[-1]
        self.asked[method] += 1
        self.agents.add(request.headers.get("User-Agent", ""))
        # A far server takes its time.
        await asyncio.sleep(self.latency)  # noqa: TID251
        if method == "getProfiles":
            names = request.query.getall("actors")
            return web.json_response({"profiles": [self._profile(name) for name in names]})
        if method == "getAuthorFeed":
            number = self._number(request.query["actor"])
            feed = [{"post": self._post(uri)} for uri in self.uris(number)]
            return web.json_response({"feed": feed})
        return web.json_response({"posts": [self._post(u) for u in request.query.getall("uris")]})

    def _number(self, name: str) -> int:
        return int("".join(sign for sign in name if sign.isdigit()))

    def _profile(self, name: str) -> dict[str, Any]:
        number = self._number(name)
        return {
            "did": self.did(number),
            "handle": f"ville-{number}.example",
            "followersCount": 100 + number,
            "followsCount": 1,
            "postsCount": self.posts,
        }

    def _post(self, uri: str) -> dict[str, Any]:
        did, rank = uri.split("/")[2], int(uri.rsplit("3k", 1)[1])
        at = (self.now - timedelta(hours=rank + 1)).isoformat()
        author = {"did": did, "handle": f"ville-{self._number(did)}.example"}
        return {
            "uri": uri, "author": author, "indexedAt": at,
            "record": {"text": f"Post {rank}", "createdAt": at, "langs": ["fr"]},
            "likeCount": rank, "repostCount": 0, "replyCount": 0, "quoteCount": 0,
        }  # fmt: skip


@asynccontextmanager
async def tiny_bluesky(tiny: TinyBluesky) -> AsyncIterator[TinyBluesky]:
    """Serve it on a free port."""
    async with served("/xrpc/{method}", tiny.answer) as tiny.url:
        yield tiny
