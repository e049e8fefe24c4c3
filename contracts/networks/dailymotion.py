"""Dailymotion: what it publishes, allows and costs, and the addresses of its accounts.

Documentation read in November 2026 (developers.dailymotion.com, « Legacy API »: user and video
fields, errors, global parameters). Public data needs no key there; that of version 2 says both
that it needs none and that every call needs a token.
"""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network, Quota

FORMS = Forms(
    ("dailymotion.com",),
    (
        HOME,
        form(r"((embed/)?video|playlist|embed)(/.*)?", Refusal.POST),
        form(
            r"(?:\w\w/)?(signin|register|search|library|feed|following|explore|partner|legal"
            r"|settings|upload|topic|hub|about|live)(/.*)?",
            Refusal.NOT_AN_ACCOUNT,
        ),
        form(
            r"(?:\w\w/)?(user/)?(?P<handle>[a-z\d][\w\-.]{2,39})(/(videos|playlists|about|\d))?",
            Account("https://www.dailymotion.com/{handle}", "{handle}"),
        ),
    ),
    bare="https://www.dailymotion.com/{}",
    shorteners=("dai.ly",),
    labels=("dailymotion",),
)

NETWORK = Network(
    slug="dailymotion",
    name="Dailymotion",
    route="open",
    account_counters=("followers", "following", "posts", "views"),
    post_counters=("likes", "views"),
    interactions=("likes",),
    scored=False,
    quotas={"pace": Quota(1, 1, "all", "unpublished: the pace we allow ourselves")},
    posts_per_request=0,
    page_size=100,
    confirms_one_by_one=True,
    address="https://www.dailymotion.com/{handle}",
    terms="Données publiques, lisibles sans clé (documentation lue en novembre 2026).",
    not_seen="commentaires (le réseau n’en a plus) et partages ; vues mises à jour avec retard ; "
    "vidéos privées",
    source="API de données (« Legacy »)",
    hosts=("api.dailymotion.com",),
    wikidata={"P2942": "https://www.dailymotion.com/{}"},
    forms=FORMS,
)
