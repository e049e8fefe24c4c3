"""Pinterest: what it publishes of accounts whose owner connected them, and their addresses.

Documentation read in November 2026 (developers.pinterest.com, API v5: authentication, user account,
pins). Tokens that are renewed without end are asked for by `continuous_refresh`. Neither PKCE nor
an address that revokes a token is documented: the challenge is sent all the same.
"""

from contracts.networks.consent import Consent
from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import DAY, Network, Quota

FORMS = Forms(
    ("pinterest.com", "pinterest.fr"),
    (
        HOME,
        form(r"pin/create(/.*)?", Refusal.SHARE_BUTTON),
        form(r"pin/.+", Refusal.POST),
        form(r"(search|ideas|login|settings|business|today)(/.*)?", Refusal.NOT_AN_ACCOUNT),
        form(
            r"(?P<handle>[a-z\d_]{3,30})(/(_saved|_created|boards|pins))?",
            Account("https://www.pinterest.com/{handle}/", "{handle}"),
        ),
    ),
    bare="https://www.pinterest.com/{}/",
    shorteners=("pin.it",),
    labels=("pinterest",),
)

CONSENT = Consent(
    authorize="https://www.pinterest.com/oauth/",
    token="https://api.pinterest.com/v5/oauth/token",  # noqa: S106 - an address
    identity="https://api.pinterest.com/v5/user_account",
    basic=True,
    extra=(("continuous_refresh", "true"),),
    scopes=("user_accounts:read", "pins:read", "boards:read"),
    lifetime=60 * DAY,
    worth="Pinterest ne montre un compte qu’à son titulaire : sans vous, nous n’en lisons rien",
    brings="le nombre d’abonnés et de comptes suivis, et vos épingles avec leurs réactions et "
    "commentaires",
    never="publier, enregistrer, lire vos tableaux secrets ou vos messages",
    taken_back="Pinterest, Paramètres, Sécurité, Applications connectées",
    source="API v5, documentation lue en novembre 2026",
)

NETWORK = Network(
    slug="pinterest",
    name="Pinterest",
    route="owner",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments"),
    interactions=("likes", "comments"),
    scored=False,
    redistribution="scores",
    quotas={
        "read": Quota(100, 60, "credential", "API v5: the least of its limits a minute and user")
    },
    posts_per_request=0,
    page_size=100,
    confirms_one_by_one=True,
    hosts=("api.pinterest.com",),
    address="https://www.pinterest.com/{handle}/",
    terms="Conditions de Pinterest pour les développeurs : ce qu’un titulaire nous laisse lire ne "
    "se rediffuse pas en masse (documentation lue en novembre 2026).",
    not_seen="comptes que leur titulaire n’a pas connectés ; impressions et clics, qui sont à lui "
    "seul ; enregistrements, que l’API ne donne qu’au total de périodes",
    source="API v5 (fait d’après la documentation ; une épingle est enregistrée)",
    wikidata={"P3836": "https://www.pinterest.com/{}/"},
    forms=FORMS,
    consent=CONSENT,
)
