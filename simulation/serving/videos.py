"""Videos of YouTube: their ids and words, a channel's free feed, subscribers as they are shown."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from xml.sax.saxutils import escape

from simulation.country.accounts import Account
from simulation.country.days import iso
from simulation.country.posts import Post
from simulation.country.texts import Written
from simulation.country.world import World

FEED_ROOT = (
    '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
)
FLASH = 'type="application/x-shockwave-flash" width="640" height="390"'
FRAME_SIZE = 'width="480" height="360"'
STARS = '    <media:starRating count="{}" average="5.00" min="1" max="5"/>'
FEED_ENTRIES = 15
"""Videos of a channel's feed."""

_MULTIPLIER = 0x9E3779B97F4A7C15
_INVERSE = pow(_MULTIPLIER, -1, 1 << 64)
_MASK = (1 << 64) - 1


def uploads_of(account: Account) -> str:
    """The playlist of a channel's uploads."""
    return "UU" + account.native_id[2:]


def video_id(post: Post) -> str:
    """The id of a video: 11 characters that hold its account and its number, scrambled."""
    mixed = (post.account.rank << 32 | post.number) * _MULTIPLIER & _MASK
    return urlsafe_b64encode(mixed.to_bytes(8, "big")).decode().rstrip("=")


def words_of(world: World, post: Post) -> tuple[str, str]:
    """Title and description of a video."""
    written = world.text(post)
    return title_of(post.account, written), written.text


def title_of(account: Account, written: Written) -> str:
    """The title of a video: what it is about, and where."""
    return f"{written.title} – {account.place}"[:100]


def under_title(post: Post, written: Written, text: str | None = None) -> Written:
    """What is said under a title, as collectors read it: the title, then the text (or another)."""
    said = written.text if text is None else text
    return Written(f"{title_of(post.account, written)}\n{said}", written.hashtags)


def read_video_id(text: str) -> tuple[int, int] | None:
    """(rank of the account, number of the post) of a video id, or None."""
    try:
        mixed = int.from_bytes(urlsafe_b64decode(text + "="), "big")
    except ValueError:
        return None
    whole = mixed * _INVERSE & _MASK
    return whole >> 32, whole & 0xFFFFFFFF


def rounded(subscribers: int) -> int:
    """Subscribers as the API shows them: rounded down to three significant figures."""
    step = 10 ** max(0, len(str(subscribers)) - 3)
    return subscribers // step * step


def channel_feed(world: World, account: Account, moment: int) -> str:
    """The Atom feed of a channel: its latest videos."""
    name, channel = escape(account.name), account.native_id
    link = f"https://www.youtube.com/channel/{channel}"
    author = f"<author>\n  <name>{name}</name>\n  <uri>{link}</uri>\n </author>"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        FEED_ROOT,
        f' <link rel="self" href="http://www.youtube.com/feeds/videos.xml?channel_id={channel}"/>',
        f" <id>yt:channel:{account.native_id[2:]}</id>",
        f" <yt:channelId>{account.native_id[2:]}</yt:channelId>",
        f' <title>{name}</title>\n <link rel="alternate" href="{link}"/>\n {author}',
        f" <published>{iso(account.created)}+00:00</published>",
    ]
    for post in world.latest(account, moment, FEED_ENTRIES):
        lines.extend(_entry(world, post, author, moment))
    return "\n".join([*lines, "</feed>"])


def _entry(world: World, post: Post, author: str, moment: int) -> list[str]:
    video, (title, text) = video_id(post), words_of(world, post)
    counters = world.counters(post, moment)
    stars = [] if post.likes_hidden else [STARS.format(counters.likes)]
    return [
        f" <entry>\n  <id>yt:video:{video}</id>\n  <yt:videoId>{video}</yt:videoId>",
        f"  <yt:channelId>{post.account.native_id}</yt:channelId>",
        f"  <title>{escape(title)}</title>",
        f'  <link rel="alternate" href="https://www.youtube.com/watch?v={video}"/>\n  {author}',
        f"  <published>{iso(post.created)}+00:00</published>",
        f"  <updated>{iso(post.created)}+00:00</updated>",
        f"  <media:group>\n   <media:title>{escape(title)}</media:title>",
        f'   <media:content url="https://www.youtube.com/v/{video}?version=3" {FLASH}/>',
        f'   <media:thumbnail url="https://i1.ytimg.com/vi/{video}/hqdefault.jpg" {FRAME_SIZE}/>',
        f"   <media:description>{escape(text)}</media:description>\n   <media:community>",
        *stars,
        f'    <media:statistics views="{counters.views}"/>',
        "   </media:community>\n  </media:group>\n </entry>",
    ]
