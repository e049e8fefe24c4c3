"""Flickr: what it publishes, allows and costs, and the addresses of its accounts.

Documentation read in November 2026 (www.flickr.com/services/api: people, photos, urls, terms). The
number of followers is on the site only; that of accounts followed would be a call of its own.
"""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import HOUR, Network, Quota

_TABS = r"(/(albums|sets|galleries|groups|favorites|with|tags|page\d+)?(/.*)?)?"

FORMS = Forms(
    ("flickr.com",),
    (
        HOME,
        form(r"groups(/.*)?", Refusal.GROUP),
        form(r"(?P<author>photos/[^/]+)/\d+(/.*)?", Refusal.POST),
        form(
            r"(photos|people)/(?P<id>\d+@N\d\d)(/.*)?",
            Account("https://www.flickr.com/photos/{id}/", native_id="{id}"),
        ),
        form(
            r"photos/(tags|search|upload|organize)(/.*)?|(explore|search|services|help|about"
            r"|account|signin|commons|cameras|map|places|creativecommons)(/.*)?",
            Refusal.NOT_AN_ACCOUNT,
        ),
        form(
            rf"(photos|people)/(?P<handle>[\w\-]{{2,40}}){_TABS}",
            Account("https://www.flickr.com/photos/{handle}/", "{handle}"),
        ),
    ),
    bare="https://www.flickr.com/photos/{}/",
    shorteners=("flic.kr",),
    labels=("flickr",),
)

NETWORK = Network(
    slug="flickr",
    name="Flickr",
    route="key",
    account_counters=("posts",),
    post_counters=("likes", "comments", "views"),
    interactions=("likes", "comments"),
    scored=False,
    redistribution="scores",
    quotas={"key": Quota(3600, HOUR, "credential", "Flickr: 3 600 requests an hour per key")},
    posts_per_request=0,
    page_size=500,
    posts_need_native_id=True,
    confirms_one_by_one=True,
    address="https://www.flickr.com/photos/{native_id}/",
    terms="Clé pour un usage non commercial ; licence de chaque photo (conditions lues en novembre "
    "2026).",
    not_seen="abonnés et abonnements ; partages ; photos qui ne sont pas pour tous",
    source="API Flickr, méthodes people et photos",
    hosts=("api.flickr.com",),
    obtaining=("Sur www.flickr.com/services/apps, demandez une clé pour un usage non commercial.",),
    wikidata={"P3267": "https://www.flickr.com/photos/{}/"},
    forms=FORMS,
)
