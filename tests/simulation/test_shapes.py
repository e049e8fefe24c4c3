"""The shape of the fictional answers is that of the recorded ones, for the fields asked.

Every kind of answer that the recordings have and that we ask for is compared: keys, types,
nesting, absences. What may differ is listed with the reason; a difference that is not listed, and a
listed one that is no more, both fail.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import yaml

from services.clock import SteppedClock
from simulation.accounts import INSTANCES, Account
from simulation.platforms import Networks
from simulation.world import World
from tests.simulation.client import Client
from tests.simulation.shapes import differences

pytestmark = pytest.mark.recordings

SIGNED_IN = "recorded signed in: the public AppView gives no viewer"
ATTACHED = "kinds of attachments that the world does not use (links with cards, videos, quotes)"
REPLIES = "the recording is not filtered: we ask for posts_no_replies"
OLDER = "a field of later versions of Mastodon, absent from this recording of 2025"
VALUES = "null or a value: the world has the other case"
NOT_ASKED = "the recording was asked for more fields than we ask"
ENGLISH = "a field that few videos have (tags, language, large pictures)"

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
        actor = self.busiest("bluesky").native_id
        return self.get(f"{XRPC}app.bsky.feed.getAuthorFeed?actor={actor}&limit=60")

    def posts(self) -> Any:
        uris = [quote(item["post"]["uri"]) for item in self.feed()["feed"][:25]]
        return self.get(f"{XRPC}app.bsky.feed.getPosts?" + "&".join(f"uris={uri}" for uri in uris))

    def events(self) -> Any:
        cursor = (self.moment - 3600) * 1_000_000
        subscription = self.client.networks.jetstream.subscribe(f"cursor={cursor}", self.moment)
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

    def channels(self) -> Any:
        shown = [a.native_id for a in self.world.by_network["youtube"] if not a.hidden][:2]
        parts = "snippet,contentDetails,statistics"
        return self.get(f"{YOUTUBE}channels?key=k&part={parts}&id={','.join(shown)}")

    def uploads(self) -> Any:
        playlist = "UU" + self.busiest("youtube").native_id[2:]
        asked = f"part=snippet&playlistId={playlist}&maxResults=10"
        return self.get(f"{YOUTUBE}playlistItems?key=k&{asked}")

    def video(self) -> Any:
        video = self.uploads()["items"][0]["snippet"]["resourceId"]["videoId"]
        return self.get(
            f"{YOUTUBE}videos?key=k&part=snippet,contentDetails,status,statistics&id={video}"
        )


def facebook_fields(name: str) -> Callable[[Asking, Any], Any]:
    """Ask a feed for the fields that the recording's own ``next`` address was asked for."""

    def ask(asking: Asking, recorded: Any) -> Any:
        asked = parse_qs(urlsplit(recorded["paging"]["next"]).query).get("fields", [""])[0]
        return asking.page(f"/{name}", asked, limit="5")

    return ask


PAGE_FIELDS = "id,name,username,fan_count,category,link,verification_status,website"
MEDIA = "id,caption,comments_count,like_count,media_type,media_url,permalink,timestamp"
PROFILE = "id,biography,name,username,profile_picture_url,followers_count,media_count"

CASES: Mapping[str, tuple[Callable[[Asking, Any], Any], Mapping[str, str]]] = {
    "bluesky/get_profiles.yml": (
        lambda a, _: a.get(
            f"{XRPC}app.bsky.actor.getProfiles?actors={a.busiest('bluesky').native_id}"
        ),
        {r"-\.profiles\[\]\.viewer": SIGNED_IN},
    ),
    "bluesky/get_author_feed.yml": (
        lambda a, _: a.feed(),
        {
            r"-.*\.viewer": SIGNED_IN,
            r"-\.feed\[\]\.(reply|post\.record\.reply)": REPLIES,
            r"-\.feed\[\]\.post\.(record\.)?embed": ATTACHED,
            r"-\.feed\[\]\.post\.record\.facets\[\]\.(\$type|features\[\]\.did)": "people named",
        },
    ),
    "bluesky/get_posts.yml": (
        lambda a, _: a.posts(),
        {
            r"-.*\.viewer": SIGNED_IN,
            r"\+.*facets\[\]\.features\[\]\.tag": "the one recorded post has a link and no hashtag",
        },
    ),
    "bluesky/resolve_handle.yml": (
        lambda a, _: a.get(
            f"{XRPC}com.atproto.identity.resolveHandle?handle="
            + a.busiest("bluesky").handle_at(a.moment)
        ),
        {},
    ),
    "bluesky/jetstream_events.jsonl": (
        lambda a, _: a.events(),
        {
            r"\+\[\]\.commit\.record\.(embed|facets)": "the one recorded post has neither",
            r"-\[\]\.commit\.record\.(reply|subject)": "replies, likes, follows: not simulated",
        },
    ),
    "instagram/business_discovery_user.json": (lambda a, _: a.discovery(PROFILE), {}),
    "instagram/business_discovery_media_p1.json": (
        lambda a, _: a.discovery(f"media.limit(5){{{MEDIA}}}"),
        {},
    ),
    "instagram/business_discovery_media_fewfields_p1.json": (
        lambda a, _: a.discovery(f"media{{{MEDIA.replace(',caption', '')}}}"),
        {},
    ),
    "facebook/page_few_fields.json": (
        lambda a, _: a.page("", "id,name,username,fan_count"),
        {},
    ),
    "facebook/page_full.json": (
        lambda a, _: a.page("", PAGE_FIELDS),
        {
            r"-\.(about|can_checkin|category_list|checkins|cover)": NOT_ASKED,
            r"-\.(display_subtext|engagement)": NOT_ASKED,
            r"-\.(founded|general_info|global_brand_\w+|picture|start_info)": NOT_ASKED,
            r"-\.(talking_about_count|were_here_count)": NOT_ASKED,
        },
    ),
    "facebook/page_feed_full_p1.json": (
        facebook_fields("feed"),
        {
            r"-.*\.attachments\.data\[\]\.(description|media|target|unshimmed_url)\b": NOT_ASKED,
            r"-.*\.attachments\.data\[\]\.description_tags": NOT_ASKED,
            r"-\.data\[\]\.(full_picture|icon|picture|message_tags)": NOT_ASKED,
        },
    ),
    "facebook/page_feed_few_fields_p1.json": (
        facebook_fields("feed"),
        {r"[-+]\.paging": "a profile's feed of 2021 was paged by time; those of pages by cursors"},
    ),
    "facebook/page_posts_p1.json": (facebook_fields("posts"), {}),
    "facebook/error_100_permission.json": (
        lambda a, _: a.get(f"{GRAPH}{a.busiest('facebook', 'profile').native_id}?access_token=t"),
        {},
    ),
    "mastodon/account_lookup.yaml": (
        lambda a, _: a.instance("/api/v1/accounts/lookup?acct={handle}"),
        {r"[-+]\.(discoverable|feature_approval)": VALUES},
    ),
    "mastodon/live_get_account_default.yml": (
        lambda a, _: a.instance("/api/v1/accounts/{id}"),
        {
            r"\+\.(avatar|header)_description|\+\.(feature_approval|show_)": OLDER,
            r"-\.fields\[\]\.verified_at": VALUES,
        },
    ),
    "mastodon/live_get_account_statuses_default.yml": (
        lambda a, _: a.instance("/api/v1/accounts/{id}/statuses"),
        {
            r"\+.*\.(avatar_description|header_description|feature_approval|show_)": OLDER,
            r"\+\[\]\.(quote_approval|quotes_count|tagged_collections)": OLDER,
            r"-.*(verified_at|in_reply_to|\.edited_at)": VALUES,
            r"[-+]\[\]\.application": VALUES,
            r"-\[\]\.(card|mentions)": ATTACHED,
            r"[-+]\[\]\.media_attachments": ATTACHED,
        },
    ),
    "mastodon/hashtag_tl.yaml": (
        lambda a, _: a.instance("/api/v1/timelines/tag/agenda"),
        {
            r"[-+]\[\]\.account\.(hide_collections|fields)": VALUES,
            r"\+\[\]\.media_attachments": "the one recorded status has no picture",
        },
    ),
    "mastodon/status_missing.yaml": (lambda a, _: a.instance("/api/v1/statuses/0"), {}),
    "youtube/channels_two.json": (
        lambda a, _: a.channels(),
        {r"-\.items\[\]\.brandingSettings": NOT_ASKED},
    ),
    "youtube/playlist_items_p1.json": (
        lambda a, _: a.uploads(),
        {r"-.*thumbnails\.(maxres|standard)": ENGLISH},
    ),
    "youtube/videos_with_statistics.json": (
        lambda a, _: a.video(),
        {
            r"-.*(thumbnails\.(maxres|standard)|snippet\.(tags|defaultLanguage))": ENGLISH,
            r"-.*dislikeCount": "private since December 2021",
        },
    ),
    "youtube/error_400_key_invalid.json": (
        lambda a, _: a.get(f"{YOUTUBE}videos?key=invalid&part=snippet"),
        {},
    ),
}

WITHOUT_RECORDING = {
    "instagram: errors 110, 190, 4 and 10": "platform-apis.md, sections 2 and 3",
    "facebook: error 803": "Graph API reference; general knowledge",
    "bluesky: identity events and deletions of the stream": "platform-apis.md, section 10",
    "bluesky: 429": "platform-apis.md, section 10",
    "mastodon: 401 of a closed instance, 429": "platform-apis.md, section 11",
    "youtube: quotaExceeded, playlistNotFound": "platform-apis.md, section 7",
}
"""Kinds of answers that nobody recorded, and from what they were written."""


def recorded_body(file: Path) -> Any:
    """The body of a recording; of a cassette, that of its last exchange that has a good answer."""
    if file.suffix == ".json":
        return json.loads(file.read_text(encoding="utf-8"))
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    cassette = yaml.safe_load(file.read_text(encoding="utf-8"))
    exchanges = cassette.get("interactions") or cassette["http_interactions"]
    kept = [e for e in exchanges if e["request"]["method"].upper() == "GET"]
    if file.name == "hashtag_tl.yaml":
        kept = [e for e in kept if "/timelines/tag/" in e["request"]["uri"]]
    return json.loads(kept[-1]["response"]["body"]["string"])


@pytest.fixture(scope="module")
def asking() -> Asking:
    now = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)
    return Asking(Client(Networks(World(size=200), SteppedClock(now))))


@pytest.mark.parametrize("name", CASES)
def test_the_shape_of_an_answer_is_that_of_its_recording(
    name: str, asking: Asking, recordings: Path
) -> None:
    ask, accepted = CASES[name]
    recorded = recorded_body(recordings / name)
    found = differences(recorded, ask(asking, recorded))
    unexplained = [one for one in found if not any(re.match(why, one) for why in accepted)]
    assert sorted(unexplained) == []
    idle = [why for why in accepted if not any(re.match(why, one) for one in found)]
    assert idle == []


def test_the_channel_feed_has_the_elements_of_the_recorded_one(
    asking: Asking, recordings: Path
) -> None:
    recorded = json.loads((recordings / "youtube/rss_feed_200.json").read_text(encoding="utf-8"))
    channel = asking.busiest("youtube").native_id
    asking.client.get(f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}")
    elements = re.compile(r"<([\w:]+)")
    ours = set(elements.findall(asking.client.body.decode()))
    assert ours == set(elements.findall(recorded["response"]["responseBody"])) - {"http"}
    theirs = recorded["response"]["responseHeaders"]
    assert asking.client.headers["Cache-Control"] == theirs["cache-control"][0]


def test_links_page_as_the_recorded_ones(asking: Asking, recordings: Path) -> None:
    text = (recordings / "mastodon/live_get_account_statuses_default.yml").read_text("utf-8")
    recorded = yaml.safe_load(text)["http_interactions"][-1]["response"]["headers"]["link"]
    asking.instance("/api/v1/accounts/{id}/statuses?limit=20&exclude_reblogs=true")
    relation = re.compile(r'[?&](max_id|min_id)=\d+[^>]*>; rel="(\w+)"')
    assert relation.findall(asking.client.headers["Link"]) == relation.findall(recorded)
