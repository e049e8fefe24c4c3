"""PeerTube: what it publishes, allows and costs, and the addresses of its channels and accounts.

Names are of an instance, and no channel has that of an account there: "name@host" is a channel,
"a/name@host" the account that owns some. "@name@host" alone may be of any federated software: it is
PeerTube's where the network is said, by the person or by a label, Mastodon's otherwise.
"""

from contracts.networks.forms import Account, Forms, Refusal, form
from contracts.networks.network import Network, Quota

_NAME = r"@?(?P<handle>[a-z\d_](?:[a-z\d_.\-]{0,62}?[a-z\d_])??)(?:@(?P<remote>[^\s/?#@:]+))?"
_PAGES = r"(/(videos|video-channels|video-playlists|playlists|about|search))?"
# Any site may have /c/ and /a/: unsaid, they are of an instance where the host's name says so.
_INSTANCES = r"tube|^videos?\.|^tilvids\.|^kolektiva\."
# Addresses that no other site has, whatever the host.
_CHANNEL = Account("https://{host}/video-channels/{handle}", "{handle}@{host}")
_ACCOUNT = Account("https://{host}/a/{handle}/video-channels", "a/{handle}@{host}")

FORMS = Forms(
    labels=("peertube",),
    anywhere=(
        form(rf"video-channels/{_NAME}{_PAGES}", _CHANNEL),
        form(rf"(a|accounts)/{_NAME}/video-channels", _ACCOUNT),
        form(rf"c/{_NAME}{_PAGES}", _CHANNEL, _INSTANCES),
        form(rf"(a|accounts)/{_NAME}{_PAGES}", _ACCOUNT, _INSTANCES),
        form(r"videos/(watch|embed)/[\w\-]{22,36}", Refusal.POST),
        form(r"w/(p/)?[\w\-]{22,36}", Refusal.POST, _INSTANCES),
    ),
    federated=_CHANNEL,
)

NETWORK = Network(
    slug="peertube",
    name="PeerTube",
    route="open",
    account_counters=("followers",),
    post_counters=("likes", "comments", "views"),
    interactions=("likes", "comments"),
    scored=False,
    quotas={
        "instance": Quota(50, 10, "host", "PeerTube: 50 requests per 10 s per IP, by default"),
        "pace": Quota(1, 1, "host", "politeness: one request a second per host"),
    },
    posts_per_request=0,
    page_size=100,
    confirms_one_by_one=True,
    ids_by_host=True,
    forms=FORMS,
    address="https://{host}/video-channels/{user}",
    terms="Chaque instance a ses règles ; communication publique des collectivités.",
    not_seen="commentaires sur les versions anciennes ; instances qui refusent la lecture anonyme",
    source="API de l’instance de la chaîne",
)
