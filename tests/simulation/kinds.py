"""Every kind of answer: what the fictional networks are asked, and how they may differ, and why.

`KINDS` are the answers that the collector's own manifest of recordings maps to a call of ours;
`BEYOND` are recorded answers that the world gives although we do not ask; `NOT_SPOKEN` are mapped
recordings of a form that the world does not speak. Kinds that nobody recorded are in
`unrecorded.py`. A key of the differences is a pattern of « - » (of the recording alone) or « + »
(of ours alone) and the path.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.simulation.asking import GRAPH, XRPC, YOUTUBE, Asking, facebook_fields

Case = tuple[Callable[[Asking, Any], Any], Mapping[str, str]]

SIGNED_IN = "recorded signed in: the public AppView gives no viewer"
ATTACHED = "kinds of attachments that the world does not use (links with cards, videos, quotes)"
REPLIES = "the recording is not filtered: we ask for posts_no_replies"
OLDER = "a field of later versions of Mastodon, absent from this recording of 2025"
VALUES = "null or a value: the world has the other case"
NOT_ASKED = "the recording was asked for more fields than we ask"
OLD_COMMENTS = "comments of persons and a bare count: an older form, asked by no call of ours"
PLAIN = "the recorded statuses have neither picture nor hashtag"
OPTIONAL = "an element that RSS 2.0 leaves to the publisher"
PICTURES = "pictures of articles are not simulated"
ENGLISH = "a field that few videos have (tags, language, large pictures)"

PAGE_FIELDS = "id,name,username,fan_count,category,link,verification_status,website"
MEDIA = "id,caption,comments_count,like_count,media_type,media_url,permalink,timestamp"
PROFILE = "id,biography,name,username,profile_picture_url,followers_count,media_count"

PAGE_NOT_ASKED: Mapping[str, str] = {
    r"-(\[\])?\.(about|category_list|cover|display_subtext|engagement|picture)": NOT_ASKED,
    r"-(\[\])?\.(global_brand_\w+)": NOT_ASKED,
}
POST_FIELDS = (
    "id,message,status_type,shares,attachments{media_type,title,type,url},created_time,"
    "updated_time,permalink_url,reactions.summary(true).limit(0),comments,"
    + ",".join(
        f"reactions.type({kind}).limit(0).summary(total_count).as({kind.lower()})"
        for kind in ("LIKE", "LOVE", "WOW", "HAHA", "SAD", "ANGRY")
    )
)

KINDS: Mapping[str, Case] = {
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
    "bluesky/jetstream_events.jsonl": (
        lambda a, _: a.events(),
        {
            r"\+\[\]\.commit\.record\.(embed|facets)": "the one recorded post has neither",
            r"-\[\]\.commit\.record\.(reply|subject)": "replies, likes, follows: not simulated",
        },
    ),
    "instagram/business_discovery_media_fewfields_p1.json": (
        lambda a, _: a.discovery(f"media{{{MEDIA.replace(',caption', '')}}}"),
        {},
    ),
    "facebook/page_few_fields.json": (lambda a, _: a.page("", "id,name,username,fan_count"), {}),
    "facebook/page_full.json": (
        lambda a, _: a.page("", PAGE_FIELDS),
        {
            **PAGE_NOT_ASKED,
            r"-\.(can_checkin|checkins|founded|general_info|start_info)": NOT_ASKED,
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
        lambda a, _: a.video("snippet,contentDetails,status,statistics"),
        {
            r"-.*(thumbnails\.(maxres|standard)|snippet\.(tags|defaultLanguage))": ENGLISH,
            r"-.*dislikeCount": "private since December 2021",
        },
    ),
    "youtube/search_keywords_p1.json": (
        lambda a, _: a.get(f"{YOUTUBE}search?key=k&part=snippet&type=video&q=de"),
        {
            r"-\.nextPageToken": "each page is a search of the day: the world gives the first",
            r"\+.*publishTime": "a field of later than this recording of 2019",
        },
    ),
    "youtube/error_400_key_invalid.json": (
        lambda a, _: a.get(f"{YOUTUBE}videos?key=invalid&part=snippet"),
        {},
    ),
    "instagram/business_discovery_user.json": (
        lambda a, _: a.discovery(f"{PROFILE},media.limit(5){{{MEDIA}}}"),
        {},
    ),
    "facebook/pages_by_ids_full.json": (
        lambda a, _: a.pages(PAGE_FIELDS),
        {**PAGE_NOT_ASKED, r"-\[\]\.description": NOT_ASKED},
    ),
    "facebook/posts_by_ids_full.json": (
        lambda a, _: a.page_posts(POST_FIELDS),
        {
            r"-.*\.attachments\.data\[\]\.(description|media|target|unshimmed_url)\b": NOT_ASKED,
            r"-.*\.attachments\.data\[\]\.description_tags": NOT_ASKED,
            r"-\[\]\.(full_picture|icon|picture|message_tags)": NOT_ASKED,
            r"-\[\]\.comments\.(data\[\]|count)": OLD_COMMENTS,
        },
    ),
    "mastodon/account_lookup.yaml: gone": (
        lambda a, _: a.instance("/api/v1/accounts/lookup?acct=nobody"),
        {},
    ),
    "mastodon/fetch_next_previous.yaml": (
        lambda a, _: a.instance("/api/v1/accounts/{id}/statuses?limit=5"),
        {
            r"[-+]\[\]\.account\.(discoverable|feature_approval)": VALUES,
            r"\+\[\]\.(media_attachments|tags)\[\]": PLAIN,
        },
    ),
    "mastodon/fetch_next_previous.yaml: next page": (
        lambda a, _: a.next_page(),
        {
            r"[-+]\[\]\.account\.(discoverable|feature_approval)": VALUES,
            r"\+\[\]\.(media_attachments|tags)\[\]": PLAIN,
        },
    ),
    "mastodon/status_card.yaml": (
        lambda a, _: a.status(),
        {
            r"[-+]\.account\.(discoverable|feature_approval)": VALUES,
            r"[-+]\.card": ATTACHED,
            r"\+\.(media_attachments|tags)\[\]": PLAIN,
        },
    ),
    "youtube/channels_one_2019.json": (
        lambda a, _: a.channel("snippet,statistics"),
        {r"-.*commentCount": "withdrawn from channels in 2020"},
    ),
    "youtube/videos_two_no_statistics.json": (
        lambda a, _: a.video("snippet"),
        {
            r"-.*(thumbnails\.(maxres|standard)|snippet\.(tags|defaultLanguage))": ENGLISH,
            r"-.*player": NOT_ASKED,
        },
    ),
    "youtube/rss_feed_200.json": (lambda a, _: a.channel_feed(), {}),
    "youtube/youtube_atom.xml": (
        lambda a, _: a.channel_feed(),
        {r"-\.\.atom:updated": "of 2015: the feed of 2026 has none"},
    ),
    "rss/Rss20LeMonde.xml": (
        lambda a, _: a.site("rss"),
        {
            r"\+\.\.channel\[\]\.(language|ttl)": OPTIONAL,
            r"-\.\.channel\[\]\.(copyright|image|pubDate)": OPTIONAL,
            r"-\.\.channel\[\]\.item\[\]\.enclosure": PICTURES,
        },
    ),
    "rss/Rss20LeFil.xml": (
        lambda a, _: a.xml(a.paper),
        {
            r"\+\.\.channel\[\]\.ttl": OPTIONAL,
            r"-\.\.channel\[\]\.(copyright|image|lastBuildDate)": OPTIONAL,
            r"-\.\.channel\[\]\.item\[\]\.(author|category)": OPTIONAL,
            r"-\.\.channel\[\]\.item\[\]\.enclosure": PICTURES,
        },
    ),
}

BEYOND: Mapping[str, Case] = {
    "bluesky/resolve_handle.yml": (
        lambda a, _: a.get(
            f"{XRPC}com.atproto.identity.resolveHandle?handle="
            + a.busiest("bluesky").handle_at(a.moment)
        ),
        {},
    ),
    "mastodon/hashtag_tl.yaml": (
        lambda a, _: a.instance("/api/v1/timelines/tag/agenda"),
        {
            r"[-+]\[\]\.account\.(hide_collections|fields)": VALUES,
            r"[-+]\[\]\.edited_at": "the one recorded status was not edited",
        },
    ),
}

_OTHER_FORMAT = "an older format: sites of the world speak RSS 2.0 and Atom"
NOT_SPOKEN: Mapping[str, str] = {
    "mentions/google_alerts_atom.xml": "alerts are made by hand in somebody's account: none here",
    "rss/FeedBurnerUrlNoAlternate.xml": "a relay of feeds that hardly any town uses any more",
    "rss/InvalidDateFormat.xml": "a feed whose dates nobody can read: a case of the reader's tests",
    "rss/RSSWithComments.xml": "a blog with comments: a case of the reader's tests",
    "rss/Rss091Stadtfeuerwehr.xml": _OTHER_FORMAT,
    "rss/Rss10OrfAt.xml": _OTHER_FORMAT,
    "rss/Rss20DailyMail.xml": "a feed without a line: RSS 2.0 as the two that are compared",
    "rss/Rss20LeParisien.xml": "RSS 2.0 as the two that are compared, with fewer elements",
    "rss/TypePadNews.xml": "a blog's RSS 2.0, with elements of its platform",
}
"""Mapped recordings of feeds that have no counterpart here."""
