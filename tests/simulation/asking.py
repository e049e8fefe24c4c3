"""Asks the fictional networks what the recordings were asked."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from simulation.country.accounts import Account
from simulation.networks import rss
from simulation.networks.mastodon import INSTANCES
from simulation.serving.faults import Fault, Kind
from tests.simulation.client import Client
from tests.simulation.shapes import xml_values

XRPC = "https://public.api.bsky.app/xrpc/"
GRAPH = "https://graph.facebook.com/v25.0/"
YOUTUBE = "https://www.googleapis.com/youtube/v3/"


class Asking:
    """Asks the fictional networks what the recordings were asked."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.world = client.networks.world
        self.moment = client.networks.moment()

    def busiest(self, network: str, form: str = "plain") -> Account:
        """The account of a network that posts most."""
        known = self.world.by_network[network]
        fit = [a for a in known if a.form == form and a.host != INSTANCES[-1] and not a.hidden]
        return max(fit, key=lambda account: (account.rate, account.serial))

    def get(self, url: str) -> Any:
        """The body of an answer."""
        return self.client.get(url)[1]

    def feed(self) -> Any:
        """The feed of an account that has relayed a post lately."""
        known = sorted(self.world.by_network["bluesky"], key=lambda account: -account.rate)
        address = f"{XRPC}app.bsky.feed.getAuthorFeed?limit=60&actor="
        feeds = (self.get(address + account.native_id) for account in known)
        return next(one for one in feeds if any("reason" in item for item in one["feed"]))

    def posts(self) -> Any:
        uris = [quote(item["post"]["uri"]) for item in self.feed()["feed"][:25]]
        return self.get(f"{XRPC}app.bsky.feed.getPosts?" + "&".join(f"uris={uri}" for uri in uris))

    @property
    def paper(self) -> str:
        """The address of a local paper that answers."""
        return rss.PAPERS[0]

    def events(self) -> Any:
        cursor = (self.moment - 3600) * 1_000_000
        subscription = self.client.networks.by_name["bluesky"].subscribe(
            f"cursor={cursor}", self.moment
        )
        return [json.loads(event) for event in subscription.due(self.moment * 1_000_000)]

    def discovery(self, fields: str) -> Any:
        handle = self.busiest("instagram", "professional").handle_at(self.moment)
        asked = quote(f"business_discovery.username({handle}){{{fields}}}")
        return self.get(f"{GRAPH}17841400000000000?access_token=t&fields={asked}")

    def page(self, path: str, fields: str, **more: str) -> Any:
        native = self.busiest("facebook", "page").native_id
        extra = "".join(f"&{name}={value}" for name, value in more.items())
        return self.get(f"{GRAPH}{native}{path}?access_token=t&fields={quote(fields)}{extra}")

    def instance(self, path: str) -> Any:
        account = self.busiest("mastodon")
        handle = account.handle_at(self.moment)
        return self.get(f"https://{account.host}{path.format(handle=handle, id=account.native_id)}")

    def event(self, kind: str) -> Any:
        """An event of the stream, of the latest half day: a deletion, a new handle, an end."""
        account = self.world.by_network["bluesky"][0]
        before = account.renamed_at, account.closed_at
        account.renamed_at, account.closed_at = self.moment - 3600, self.moment - 60
        try:
            cursor = (self.moment - 43_200) * 1_000_000
            subscription = self.client.networks.by_name["bluesky"].subscribe(
                f"cursor={cursor}", self.moment
            )
            told = [json.loads(event) for event in subscription.due(self.moment * 1_000_000)]
        finally:
            account.renamed_at, account.closed_at = before
        self.client.status = 200
        return next(
            one for one in told if kind in (one["kind"], one.get("commit", {}).get("operation"))
        )

    def over(self, network: str, url: str) -> Any:
        """The answer when the bucket of a network is spent."""
        self.get(url)
        buckets = self.client.networks.ledger.buckets
        for name in [name for name in buckets if name.startswith(network)]:
            buckets[name].spent = buckets[name].rule.limit
        try:
            return self.get(url)
        finally:
            buckets.clear()

    def struck(self, kind: Kind, url: str) -> Any:
        """The answer when a fault strikes."""
        faults = self.client.networks.faults
        faults.known.append(Fault(kind))
        try:
            return self.get(url)
        finally:
            faults.known.clear()

    def channels(self) -> Any:
        shown = [a.native_id for a in self.world.by_network["youtube"] if not a.hidden][:2]
        parts = "snippet,contentDetails,statistics"
        return self.get(f"{YOUTUBE}channels?key=k&part={parts}&id={','.join(shown)}")

    def uploads(self) -> Any:
        playlist = "UU" + self.busiest("youtube").native_id[2:]
        asked = f"part=snippet&playlistId={playlist}&maxResults=10"
        return self.get(f"{YOUTUBE}playlistItems?key=k&{asked}")

    def several(self, path: str, fields: str, *ids: str) -> Any:
        """What the Graph API gives for some ids, in the order given (it is keyed by them)."""
        url = f"{GRAPH}{path}?access_token=t&ids={','.join(ids)}&fields={quote(fields)}"
        return list(self.get(url).values())

    def pages(self, fields: str) -> Any:
        shown = [one for one in self.world.by_network["facebook"] if one.form == "page"]
        return self.several("", fields, *(page.native_id for page in shown[:2]))

    def page_posts(self, fields: str) -> Any:
        posts = self.page("/posts", "id", limit="20")["data"]
        return self.several("", fields, *(post["id"] for post in posts))

    def status(self) -> Any:
        """A status of the busiest account of an instance, alone."""
        latest = self.instance("/api/v1/accounts/{id}/statuses?limit=20&exclude_reblogs=true")
        account = self.busiest("mastodon")
        return self.get(f"https://{account.host}/api/v1/statuses/{latest[0]['id']}")

    def next_page(self) -> Any:
        """The second page of statuses, by the address of the first."""
        self.instance("/api/v1/accounts/{id}/statuses?limit=5")
        found = re.search(r'<([^>]+)>; rel="next"', self.client.headers["Link"])
        assert found is not None
        return self.get(found[1])

    def channel(self, parts: str) -> Any:
        channel = self.busiest("youtube").native_id
        return self.get(f"{YOUTUBE}channels?key=k&part={parts}&id={channel}")

    def channel_feed(self) -> Any:
        channel = self.busiest("youtube").native_id
        return self.xml(f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}")

    def xml(self, url: str) -> Any:
        """A feed, as nested values."""
        self.client.get(url)
        return xml_values(self.client.body)

    def site(self, manner: str) -> Any:
        """The feed of a territory's site that behaves in a manner."""
        known = self.world.by_network["rss"]
        fit = [one for one in known if rss.manner(self.world, one) == manner]
        return self.xml(max(fit, key=lambda one: (one.rate, one.serial)).native_id)

    def video(self, parts: str) -> Any:
        video = self.uploads()["items"][0]["snippet"]["resourceId"]["videoId"]
        return self.get(f"{YOUTUBE}videos?key=k&part={parts}&id={video}")


def facebook_fields(name: str) -> Callable[[Asking, Any], Any]:
    """Ask a feed for the fields that the recording's own ``next`` address was asked for."""

    def ask(asking: Asking, recorded: Any) -> Any:
        asked = parse_qs(urlsplit(recorded["paging"]["next"]).query).get("fields", [""])[0]
        return asking.page(f"/{name}", asked, limit="5")

    return ask
