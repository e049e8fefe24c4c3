"""The forms that addresses take on each network: which are accounts, which are something else.

A form is a pattern over the path (percent-decoded, without leading nor trailing slash); the first
that matches decides. Groups: ``handle`` (lower-cased), ``id`` (kept as it is).
"""

import re
from dataclasses import dataclass

from contracts.addresses.identity import Refusal


@dataclass(frozen=True, slots=True)
class Account:
    """How a matched form becomes an identity: templates over its groups."""

    address: str
    handle: str | None = None
    native_id: str | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Onward:
    """The address stands in a query parameter (page plugin, redirection): read that one."""

    parameter: str


Outcome = Account | Onward | Refusal


@dataclass(frozen=True, slots=True)
class Form:
    """One form; with ``parameter``, its value is matched instead of the path's groups."""

    pattern: re.Pattern[str]
    outcome: Outcome
    parameter: str | None = None
    value: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms of a network: its hosts (subdomains included), shorteners, how a bare name is read."""

    slug: str
    hosts: tuple[str, ...]
    forms: tuple[Form, ...]
    bare: str | None = None
    shorteners: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def form(pattern: str, outcome: Outcome) -> Form:
    """Form of a path."""
    return Form(re.compile(pattern, re.IGNORECASE), outcome)


def query_form(pattern: str, parameter: str, value: str, outcome: Outcome) -> Form:
    """Form of a path and of one parameter of the query, whose value holds the groups."""
    return Form(
        re.compile(pattern, re.IGNORECASE), outcome, parameter, re.compile(value, re.IGNORECASE)
    )


HOME = form(r"", Refusal.HOME_PAGE)

_FB_ID = Account("https://www.facebook.com/{id}", native_id="{id}")
_FB_PROFILE = Account(
    "https://www.facebook.com/profile.php?id={id}", native_id="{id}", doubtful=True
)
_FB_POSTS = (
    r"posts|photos|videos|photo|reel|reels|stories|permalink\.php|story\.php|photo\.php|watch|notes"
)
_FB_PLACES = (
    r"hashtag|search|events|marketplace|login|login\.php|help|policies|legal|privacy|settings"
    r"|gaming|places|business|ads|media|home\.php|bookmarks|notifications|friends|me|profile\.php"
    r"|people|pages|p|pg|hashtags|directory|recover|r\.php|tr|v\d.*|plugins|dialog|l\.php|groups"
)

FACEBOOK = Forms(
    "facebook",
    ("facebook.com", "fb.com"),
    (
        HOME,
        form(
            r"(sharer|sharer\.php|dialog/(share|feed|send)|share\.php)(/.*)?", Refusal.SHARE_BUTTON
        ),
        form(r"share(/.*)?", Refusal.SHORTENER),
        form(r"(pg/)?groups?(/.*)?", Refusal.GROUP),
        form(r"plugins/[a-z_]+\.php", Onward("href")),
        form(r"l\.php", Onward("u")),
        query_form(r"profile\.php", "id", r"(?P<id>\d{5,20})", _FB_PROFILE),
        form(r"people/[^/]+/(?P<id>\d{5,20})(/.*)?", _FB_PROFILE),
        form(r"pages/category/[^/]+/[^/]*?-(?P<id>\d{5,20})(/.*)?", _FB_ID),
        form(r"pages/[^/]+/(?P<id>\d{5,20})(/.*)?", _FB_ID),
        form(r"(p|pg)/[^/]*-(?P<id>\d{9,20})(/.*)?", _FB_ID),
        form(rf"({_FB_POSTS})(/.*)?", Refusal.POST),
        form(rf"[^/]+/({_FB_POSTS})/.+", Refusal.POST),
        form(r"(pages/)?[^/]+/events/.+", Refusal.NOT_AN_ACCOUNT),
        form(r"(pg/)?(?P<id>\d{5,20})(/.*)?", _FB_ID),
        form(r"[^/]*-(?P<id>\d{9,20})(/.*)?", _FB_ID),
        form(
            r"pg/(?P<handle>[a-z\d.\-]{2,80})(/.*)?",
            Account("https://www.facebook.com/{handle}", "{handle}"),
        ),
        form(rf"({_FB_PLACES})(/.*)?", Refusal.NOT_AN_ACCOUNT),
        form(
            r"(?P<handle>[a-z\d.\-]{2,80})(/.*)?",
            Account("https://www.facebook.com/{handle}", "{handle}"),
        ),
    ),
    bare="https://www.facebook.com/{}",
    shorteners=("fb.me", "on.fb.me"),
    labels=("facebook", "fb"),
)

INSTAGRAM = Forms(
    "instagram",
    ("instagram.com", "instagr.am"),
    (
        HOME,
        form(r"share(/.*)?", Refusal.SHORTENER),
        form(r"(p|reel|reels|tv|stories)(/.*)?", Refusal.POST),
        form(r"[^/]+/(p|reel|tv)/.+", Refusal.POST),
        form(
            r"(explore|accounts|direct|about|legal|developer|web|challenge|oauth)(/.*)?",
            Refusal.NOT_AN_ACCOUNT,
        ),
        form(
            r"(_u/)?@?(?P<handle>[a-z\d._]{1,30})(/.*)?",
            Account("https://www.instagram.com/{handle}/", "{handle}"),
        ),
    ),
    bare="https://www.instagram.com/{}/",
    shorteners=("ig.me",),
    labels=("instagram", "insta"),
)

_YT_POSTS = r"watch|shorts|live|embed|v|clip|post"
_YT_PLACES = (
    r"playlist|results|feed|hashtag|about|t|account|premium|gaming|howyoutubeworks|ads|kids|music"
    r"|trending|upload|signin|login|channel|user|c|feeds|redirect|s|attribution_link"
)
_YT_CHANNEL = Account("https://www.youtube.com/channel/{id}", native_id="{id}")

YOUTUBE = Forms(
    "youtube",
    ("youtube.com", "youtube-nocookie.com"),
    (
        HOME,
        query_form(r"feeds/videos\.xml", "channel_id", r"(?P<id>UC[\w-]{22})", _YT_CHANNEL),
        form(r"redirect", Onward("q")),
        form(r"channel/(?P<id>UC[\w-]{22})(/.*)?", _YT_CHANNEL),
        form(rf"({_YT_POSTS})(/.*)?", Refusal.POST),
        form(
            r"@(?P<handle>\w[\w.\-·]{1,58}\w)(/.*)?",
            Account("https://www.youtube.com/@{handle}", "@{handle}"),
        ),
        form(
            r"user/(?P<handle>\w[\w.\-]{0,98})(/.*)?",
            Account("https://www.youtube.com/user/{handle}", "user/{handle}"),
        ),
        form(
            r"c/(?P<handle>\w[\w.\-]{0,98})(/.*)?",
            Account("https://www.youtube.com/c/{handle}", "c/{handle}"),
        ),
        form(rf"({_YT_PLACES})(/.*)?", Refusal.NOT_AN_ACCOUNT),
        form(
            r"(?P<handle>\w[\w.\-]{0,98})(/(videos|featured|about|playlists|community))?",
            Account("https://www.youtube.com/c/{handle}", "c/{handle}"),
        ),
    ),
    bare="https://www.youtube.com/@{}",
    labels=("youtube", "you tube"),
)

X = Forms(
    "x",
    ("twitter.com", "x.com"),
    (
        HOME,
        query_form(
            r"intent/(user|follow)",
            "screen_name",
            r"@?(?P<handle>\w{1,15})",
            Account("https://x.com/{handle}", "{handle}"),
        ),
        form(r"(intent|share)(/.*)?", Refusal.SHARE_BUTTON),
        form(r"i/user/(?P<id>\d{1,20})", Account("https://x.com/i/user/{id}", native_id="{id}")),
        form(r"[^/]+/status(es)?/.+", Refusal.POST),
        form(
            r"(home|search|hashtag|i|login|signup|explore|settings|messages|notifications|privacy"
            r"|tos|about|download|compose|account)(/.*)?",
            Refusal.NOT_AN_ACCOUNT,
        ),
        form(
            r"@?(?P<handle>[a-z\d_]{1,15})(/(media|with_replies|likes|photo))?",
            Account("https://x.com/{handle}", "{handle}"),
        ),
    ),
    bare="https://x.com/{}",
    shorteners=("t.co", "pic.twitter.com", "pic.x.com"),
    labels=("x", "twitter", "x (ex-twitter)", "x (twitter)", "twitter (x)", "twitter / x"),
)

_LI_SLUG = r"(?P<handle>[\w\-.&']{2,120})"

LINKEDIN = Forms(
    "linkedin",
    ("linkedin.com",),
    (
        HOME,
        form(r"(in|pub|profile)(/.*)?", Refusal.PERSON),
        form(r"(shareArticle|sharing|cws/share)(/.*)?", Refusal.SHARE_BUTTON),
        form(r"groups?(/.*)?", Refusal.GROUP),
        form(r"(posts|feed|pulse|video)(/.*)?", Refusal.POST),
        form(
            r"(company|company-beta|organization)/(?P<id>\d{1,15})(/.*)?",
            Account("https://www.linkedin.com/company/{id}", native_id="{id}"),
        ),
        form(
            rf"(company|company-beta|organization)/{_LI_SLUG}(/.*)?",
            Account("https://www.linkedin.com/company/{handle}", "{handle}"),
        ),
        form(
            rf"(?P<kind>showcase|school)/{_LI_SLUG}(/.*)?",
            Account("https://www.linkedin.com/{kind}/{handle}", "{kind}/{handle}"),
        ),
    ),
    bare="https://www.linkedin.com/company/{}",
    shorteners=("lnkd.in",),
    labels=("linkedin",),
)

TIKTOK = Forms(
    "tiktok",
    ("tiktok.com",),
    (
        HOME,
        form(r"t/.+", Refusal.SHORTENER),
        form(r"@[^/]+/(video|photo|live)(/.*)?", Refusal.POST),
        form(r"share(/.*)?", Refusal.SHARE_BUTTON),
        form(r"@(?P<handle>[\w.]{2,24})", Account("https://www.tiktok.com/@{handle}", "{handle}")),
    ),
    bare="https://www.tiktok.com/@{}",
    shorteners=("vm.tiktok.com", "vt.tiktok.com"),
    labels=("tiktok", "tik tok"),
)

BLUESKY = Forms(
    "bluesky",
    ("bsky.app",),
    (
        HOME,
        form(r"intent(/.*)?", Refusal.SHARE_BUTTON),
        form(r"profile/[^/]+/post(/.*)?", Refusal.POST),
        form(r"profile/[^/]+/(feed|lists|follows|followers)(/.*)?", Refusal.NOT_AN_ACCOUNT),
        form(
            r"profile/(?P<id>did:(plc:[a-z2-7]{24}|web:[a-z\d.\-]{3,253}))(/rss)?",
            Account("https://bsky.app/profile/{id}", native_id="{id}"),
        ),
        form(
            r"profile/@?(?P<handle>[a-z\d\-]{1,63}(\.[a-z\d\-]{1,63}){1,6})(/rss)?",
            Account("https://bsky.app/profile/{handle}", "{handle}"),
        ),
    ),
    bare="https://bsky.app/profile/{}",
    shorteners=("go.bsky.app",),
    labels=("bluesky", "bsky"),
)

OBSERVED_OR_COMMON: tuple[Forms, ...] = (
    FACEBOOK,
    INSTAGRAM,
    YOUTUBE,
    X,
    LINKEDIN,
    TIKTOK,
    BLUESKY,
)
