"""TikTok: what it publishes of accounts whose owner connected them, and their addresses.

Documentation read in November 2026 (developers.tiktok.com: Display API, Login Kit for Web, Manage
User Access Tokens). The Research API, which shows everybody, is for approved researchers of
non-profit institutions: not ours. PKCE is documented for applications on devices, where the digest
is written in hexadecimal: the challenge is sent all the same.
"""

from contracts.networks.consent import Consent
from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import DAY, Network, Quota

FORMS = Forms(
    ("tiktok.com",),
    (
        HOME,
        form(r"t/.+", Refusal.SHORTENER),
        form(r"(?P<author>@[^/]+)/(video|photo|live)(/.*)?", Refusal.POST),
        form(r"share(/.*)?", Refusal.SHARE_BUTTON),
        form(r"@(?P<handle>[\w.]{2,24})", Account("https://www.tiktok.com/@{handle}", "{handle}")),
    ),
    bare="https://www.tiktok.com/@{}",
    shorteners=("vm.tiktok.com", "vt.tiktok.com"),
    labels=("tiktok", "tik tok"),
)

CONSENT = Consent(
    authorize="https://www.tiktok.com/v2/auth/authorize/",
    token="https://open.tiktokapis.com/v2/oauth/token/",  # noqa: S106 - an address
    revoke="https://open.tiktokapis.com/v2/oauth/revoke/",
    identity="https://open.tiktokapis.com/v2/user/info/?fields=open_id,username",
    identity_in=("data", "user"),
    client="client_key",
    challenge="hexadecimal",
    scopes=("user.info.basic", "user.info.profile", "user.info.stats", "video.list"),
    lifetime=365 * DAY,
    worth="TikTok ne montre un compte qu’à son titulaire : sans vous, nous n’en lisons rien",
    brings="le nombre d’abonnés et de comptes suivis, et les vidéos publiques avec leurs mentions "
    "j’aime, commentaires, partages et vues",
    never="publier, lire vos messages ou vos brouillons",
    taken_back="TikTok, Paramètres et confidentialité, Sécurité et autorisations, Autorisations "
    "des applications",
    source="Login Kit for Web et Display API, documentation lue en novembre 2026",
)

NETWORK = Network(
    slug="tiktok",
    name="TikTok",
    route="owner",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments", "shares", "views"),
    interactions=("likes", "comments", "shares"),
    scored=False,
    redistribution="scores",
    quotas={
        "display": Quota(600, 60, "credential", "Display API: 600 requests a minute and endpoint")
    },
    posts_per_request=20,
    page_size=20,
    hosts=("open.tiktokapis.com",),
    address="https://www.tiktok.com/@{handle}",
    terms="Conditions de TikTok pour les développeurs : ce qu’un titulaire nous laisse lire ne "
    "sert qu’à ce qu’il a accepté (documentation lue en novembre 2026).",
    not_seen="comptes que leur titulaire n’a pas connectés (l’API de recherche est réservée aux "
    "chercheurs agréés, sans but lucratif) ; vidéos privées, favoris",
    source="Display API (fait d’après la documentation, sans réponse enregistrée)",
    wikidata={"P7085": "https://www.tiktok.com/@{}"},
    forms=FORMS,
    consent=CONSENT,
)
