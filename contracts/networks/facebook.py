"""Facebook: what it publishes, allows and costs, and the addresses of its accounts.

Who administers a page may let us read it (Facebook Login, Access Tokens, read in November 2026):
her token lists her pages, each with a token of its own. That one has no end, but reads nothing from
ninety days after her consent. Her own token could take the consent back, and is not kept.
"""

from contracts.networks.consent import Consent, Prolonged
from contracts.networks.forms import HOME, Account, Forms, Onward, Refusal, form, query_form
from contracts.networks.network import DAY, HOUR, Network, Quota

_BY_ID = Account("https://www.facebook.com/{id}", native_id="{id}")
_PROFILE = Account("https://www.facebook.com/profile.php?id={id}", native_id="{id}", doubtful=True)
_POSTS = (
    r"posts|photos|videos|photo|reel|reels|stories|permalink\.php|story\.php|photo\.php|watch|notes"
)
_PLACES = (
    r"hashtag|search|events|marketplace|login|login\.php|help|policies|legal|privacy|settings"
    r"|gaming|places|business|ads|media|home\.php|bookmarks|notifications|friends|me|profile\.php"
    r"|people|pages|p|pg|hashtags|directory|recover|r\.php|tr|v\d.*|plugins|dialog|l\.php|groups"
)

FORMS = Forms(
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
        query_form(r"profile\.php", "id", r"(?P<id>\d{5,20})", _PROFILE),
        form(r"people/[^/]+/(?P<id>\d{5,20})(/.*)?", _PROFILE),
        form(r"pages/category/[^/]+/[^/]*?-(?P<id>\d{5,20})(/.*)?", _BY_ID),
        form(r"pages/[^/]+/(?P<id>\d{5,20})(/.*)?", _BY_ID),
        form(r"(p|pg)/[^/]*-(?P<id>\d{9,20})(/.*)?", _BY_ID),
        form(rf"({_POSTS})(/.*)?", Refusal.POST),
        form(rf"(?P<author>[^/]+)/({_POSTS})/.+", Refusal.POST),
        form(r"(pages/)?[^/]+/events/.+", Refusal.NOT_AN_ACCOUNT),
        form(r"(pg/)?(?P<id>\d{5,20})(/.*)?", _BY_ID),
        form(r"[^/]*-(?P<id>\d{9,20})(/.*)?", _BY_ID),
        form(
            r"pg/(?P<handle>[a-z\d.\-]{2,80})(/.*)?",
            Account("https://www.facebook.com/{handle}", "{handle}"),
        ),
        form(rf"({_PLACES})(/.*)?", Refusal.NOT_AN_ACCOUNT),
        form(
            r"(?P<handle>[a-z\d.\-]{2,80})(/.*)?",
            Account("https://www.facebook.com/{handle}", "{handle}"),
        ),
    ),
    bare="https://www.facebook.com/{}",
    shorteners=("fb.me", "on.fb.me"),
    labels=("facebook", "fb"),
    refused={
        "m.me": Refusal.MESSAGING,
        "messenger.com": Refusal.MESSAGING,
        "fb.watch": Refusal.POST,
    },
    ignored=".",
)

CONSENT = Consent(
    authorize="https://www.facebook.com/v25.0/dialog/oauth",
    token="https://graph.facebook.com/v25.0/oauth/access_token",  # noqa: S106 - an address
    prolonged=Prolonged(
        "https://graph.facebook.com/v25.0/oauth/access_token",
        "fb_exchange_token",
        short="fb_exchange_token",
        named=True,
    ),
    identity="https://graph.facebook.com/v25.0/me/accounts?fields=id,username,access_token"
    "&limit=100",
    pages=True,
    scopes=("pages_show_list", "pages_read_engagement"),
    lifetime=90 * DAY,
    worth="utile tant que Meta ne nous ouvre pas toutes les pages",
    brings="le nombre d’abonnés de la page, et ses publications avec leurs réactions, commentaires "
    "et partages",
    never="publier, répondre, lire vos messages",
    taken_back="Facebook, Paramètres, Intégrations professionnelles",
    source="Facebook Login, Graph API v25.0, documentation lue en novembre 2026",
)

NETWORK = Network(
    slug="facebook",
    name="Facebook",
    route="reviewed",
    account_counters=("followers", "likes"),
    post_counters=("likes", "comments", "shares"),
    interactions=("likes", "comments", "shares"),
    redistribution="scores",
    quotas={
        "graph": Quota(200, HOUR, "credential", "Graph API platform limits: 200 calls per hour")
    },
    profiles_per_request=50,
    posts_per_request=50,
    page_size=25,
    costs={"profile": 1, "readings": 1},
    posts_need_native_id=True,
    batches_need_native_id=True,
    confirms_one_by_one=True,
    family="meta",
    address="https://www.facebook.com/{handle}",
    terms="Page Public Content Access : analyse et affichage permis, pas de rediffusion en masse.",
    not_seen="profils personnels et groupes ; vues et portée ; tout, tant que l’accès public aux "
    "pages n’est pas accordé par Meta",
    source="Pages, Graph API v25.0 (Page Public Content Access)",
    hosts=("graph.facebook.com",),
    permissions=("Page Public Content Access",),
    obtaining=(
        (
            "Sur developers.facebook.com, créez une application de type « Business », et faites "
            "vérifier votre organisme (business verification)."
        ),
        (
            "Demandez à l’App Review : {permissions}. D’ici là, seules répondent les pages que "
            "vous administrez."
        ),
        "Faites un jeton d’utilisateur système, ou de l’application.",
    ),
    wikidata={"P2013": "https://www.facebook.com/{}"},
    forms=FORMS,
    consent=CONSENT,
)
