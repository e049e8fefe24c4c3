"""Vimeo: what it publishes, allows and costs, and the addresses of its accounts.

Documentation read in November 2026 (developer.vimeo.com: users, videos, rate limits, « API best
practices »). The limit depends on the plan of the application's owner: ours is the least of them.
"""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network, Quota

FORMS = Forms(
    ("vimeo.com",),
    (
        HOME,
        form(r"groups(/.*)?", Refusal.GROUP),
        form(
            r"(channels|album|albums|showcase|ondemand|event|categories|watch|search|log_in|join"
            r"|features|about|help|upload|manage|settings|stock|blog|solutions|tools|for|terms"
            r"|privacy|cookie_policy|create|enterprise|upgrade|live)(/.*)?",
            Refusal.NOT_AN_ACCOUNT,
        ),
        form(r"((?!video/)(?P<author>[a-z]\w{2,39})/)?(video/)?\d+(/.*)?", Refusal.POST),
        form(
            r"user(?P<id>\d+)(/(videos|about|following|followers))?",
            Account("https://vimeo.com/user{id}", native_id="{id}"),
        ),
        form(
            r"(?P<handle>[a-z]\w{2,39})(/(videos|about|following|followers))?",
            Account("https://vimeo.com/{handle}", "{handle}"),
        ),
    ),
    bare="https://vimeo.com/{}",
    labels=("vimeo",),
    refused={"player.vimeo.com": Refusal.POST},
)

NETWORK = Network(
    slug="vimeo",
    name="Vimeo",
    route="key",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments", "views"),
    interactions=("likes", "comments"),
    scored=False,
    redistribution="scores",
    quotas={"app": Quota(25, 60, "credential", "Vimeo: by plan, 25 requests a minute at least")},
    posts_per_request=0,
    page_size=100,
    confirms_one_by_one=True,
    address="https://vimeo.com/{handle}",
    terms="L’affichage est permis ; la rediffusion en masse n’est pas dite, elle n’a donc pas lieu "
    "(documentation lue en novembre 2026).",
    not_seen="vues masquées par le titulaire, partages ; vidéos qui ne sont pas pour tous",
    source="API Vimeo 3.4, jeton d’application",
    hosts=("api.vimeo.com",),
    obtaining=(
        "Sur developer.vimeo.com, créez une application.",
        "Faites un jeton « unauthenticated » de portée « public ».",
    ),
    wikidata={"P4015": "https://vimeo.com/{}"},
    forms=FORMS,
)
