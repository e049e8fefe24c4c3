"""X: what it publishes, allows and costs, and the addresses of its accounts.

Documentation read in November 2026 (docs.x.com: pricing, usage and billing, users, posts, rate
limits). Reading is paid by the object that is given: a post 0.005 dollar, an account 0.010; one
asked again within a UTC day is not charged twice. A unit of ours is a post, and a dollar is counted
as a euro, which is dearer than it was. Limits of rate (300 look-ups of accounts a quarter of an
hour, 10 000 timelines, 3 500 look-ups of posts) are beyond what 400 € a day would ask.
"""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form, query_form
from contracts.networks.network import DAY, Freshness, Network, Quota

PAGE = 5
"""Posts of a page: the least that the API takes; one that has fewer is charged for fewer."""

BUDGET = 2_000
"""Units a day where the installation says no budget: 10 €."""

FORMS = Forms(
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
        form(r"(?P<author>[^/]+)/status(es)?/.+", Refusal.POST),
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

NETWORK = Network(
    slug="x",
    name="X",
    route="paid",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments", "shares", "quotes", "views"),
    interactions=("likes", "comments", "shares", "quotes"),
    scored=False,
    redistribution="none",
    quotas={"budget": Quota(BUDGET, DAY, "credential", "X: by the object; our budget")},
    unit_price=0.005,
    costs={"profile": 2, "posts": PAGE, "readings": 1},
    freshness=Freshness(profile=7 * DAY, posts=DAY, readings=(7 * DAY,)),
    profiles_per_request=100,
    posts_per_request=100,
    page_size=PAGE,
    posts_need_native_id=True,
    batches_need_native_id=True,
    hosts=("api.x.com",),
    obtaining=(
        (
            "Sur console.x.com, créez un projet et une application, et prenez des crédits (lecture "
            "payée à l’objet : 0,005 $ la publication, 0,010 $ le compte)."
        ),
        (
            "Fixez-y aussi un plafond de dépense, au moins égal au budget de l’observatoire "
            "(OBSERVATOIRE_NETWORK_BUDGETS, en euros par jour et par clé ; 10 € sans rien dire)."
        ),
        "Relevez le « Bearer Token » de l’application.",
    ),
    address="https://x.com/{handle}",
    terms="Seuls des identifiants peuvent être rediffusés en nombre ; ce qui est supprimé là-bas "
    "n’est plus montré ici (conditions lues en novembre 2026).",
    not_seen="comptes protégés ; réponses et partages d’autrui ; signets ; ce que le budget du "
    "jour ne permet pas de lire",
    source="API v2, paiement à l’usage",
    wikidata={"P2002": "https://x.com/{}"},
    forms=FORMS,
)
