"""Mastodon, and what speaks its API: what it publishes, allows and costs, addresses of accounts.

Friendica answers to anybody, as Mastodon does (its source: src/Module/Api/Mastodon); Pixelfed to
who has signed in alone (routes/api.php, issue 78 of pixelfed/docs): its accounts are refused.
"""

from contracts.networks.forms import Account, Forms, Refusal, form
from contracts.networks.network import Network, Quota, Search

_USER = r"(?P<handle>[a-z\d_](?:[a-z\d_.\-]{0,62}?[a-z\d_])??)"
_PROFILE = rf"(?:(?:web|deck)/)?@{_USER}(?:@(?P<remote>[^\s/?#@:]+))?"
_ACTOR = rf"users/{_USER}"
_PAGE = r"(\.rss|\.atom)?(/(with_replies|media|about|followers|following))?"
# Any site may have /users/: unsaid, it is of an instance where the host's name says so.
_INSTANCES = r"mastodon|mstdn|masto\.|toot|pouet|piaille|social|pixelfed|friendica|nerdica"
_FRIENDICA = r"friendica|nerdica"
_ACCOUNT = Account("https://{host}/@{handle}", "{handle}@{host}")
_PROFILE_PAGE = Account("https://{host}/profile/{handle}", "{handle}@{host}")
# Sites that write /@name and are no instance.
_NO_INSTANCES = (
    "medium.com", "substack.com", "odysee.com", "rumble.com", "vk.com", "github.com", "gitlab.com",
    "hackmd.io", "linktr.ee", "beacons.ai", "kwai.com", "likee.video", "lemon8-app.com",
    "triller.co", "unsplash.com", "giphy.com", "canva.com", "flipboard.com", "steemit.com",
    "npmjs.com", "observablehq.com", "replit.com",
)  # fmt: skip

FORMS = Forms(
    labels=("mastodon",),
    anywhere=(
        form(_PROFILE + _PAGE, _ACCOUNT),
        form(rf"(?P<author>{_PROFILE})/.+", Refusal.POST),
        form(_ACTOR + _PAGE, _ACCOUNT, _INSTANCES),
        form(rf"(?P<author>{_ACTOR})/.+", Refusal.POST, _INSTANCES),
        form(rf"profile/{_USER}(/profile)?", _PROFILE_PAGE, _FRIENDICA),
    ),
    elsewhere=_NO_INSTANCES,
    federated=_ACCOUNT,
)

NETWORK = Network(
    slug="mastodon",
    name="Mastodon",
    route="open",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments", "shares", "quotes"),
    interactions=("likes", "shares", "comments"),
    interactions_if_given=("quotes",),
    quotas={
        "instance": Quota(300, 300, "host", "Mastodon: 300 requests per 5 min per IP"),
        "pace": Quota(1, 1, "host", "politeness: one request a second per host"),
    },
    posts_per_request=0,
    page_size=40,
    posts_need_native_id=True,
    confirms_one_by_one=True,
    ids_by_host=True,
    mentions="search",
    search=Search(
        "hashtag",
        pace=5,
        soonest=60,
        delay="de 1 à 30 minutes après la publication, par les mots-dièse",
        source="Mastodon: timelines/tag is public; a fifth of its 300 requests per 5 min",
        by_server=True,
    ),
    wikidata={"P4033": "{}"},
    forms=FORMS,
    address="https://{host}/@{user}",
    terms="Chaque instance a ses règles ; communication publique des collectivités.",
    not_seen="nombre de vues ; ce qui est dit sans mot-dièse, ou par qui ne veut pas être trouvé ; "
    "instances qui refusent la lecture anonyme, dont toutes celles de "
    "Pixelfed (à qui s’y est connecté seulement)",
    source="API de l’instance du compte, que parle aussi Friendica",
)
