"""YouTube: what it publishes, allows and costs, and the addresses of its accounts."""

from contracts.networks.forms import HOME, Account, Forms, Onward, Refusal, form, query_form
from contracts.networks.network import DAY, HOUR, Network, Quota, Search

_POSTS = r"watch|shorts|live|embed|v|clip|post"
_PLACES = (
    r"playlist|results|feed|hashtag|about|t|account|premium|gaming|howyoutubeworks|ads|kids|music"
    r"|trending|upload|signin|login|channel|user|c|feeds|redirect|s|attribution_link"
)
_CHANNEL = Account("https://www.youtube.com/channel/{id}", native_id="{id}")

FORMS = Forms(
    ("youtube.com", "youtube-nocookie.com"),
    (
        HOME,
        query_form(r"feeds/videos\.xml", "channel_id", r"(?P<id>UC[\w-]{22})", _CHANNEL),
        form(r"redirect", Onward("q")),
        form(r"channel/(?P<id>UC[\w-]{22})(/.*)?", _CHANNEL),
        form(rf"({_POSTS})(/.*)?", Refusal.POST),
        form(
            r"@(?P<handle>\w[\w.\-·]{1,58}\w)(/.*)?",
            Account("https://www.youtube.com/@{handle}", "@{handle}"),
        ),
        form(
            r"user/(?P<handle>\w[\w.\-]{0,98})(/.*)?",
            Account("https://www.youtube.com/user/{handle}", "user/{handle}"),
        ),
        form(
            r"c/(?P<handle>\w[\w.\-]{0,98})(/.*)?",
            Account("https://www.youtube.com/c/{handle}", "c/{handle}"),
        ),
        form(rf"({_PLACES})(/.*)?", Refusal.NOT_AN_ACCOUNT),
        form(
            r"(?P<handle>\w[\w.\-]{0,98})(/(videos|featured|about|playlists|community))?",
            Account("https://www.youtube.com/c/{handle}", "c/{handle}"),
        ),
    ),
    bare="https://www.youtube.com/@{}",
    labels=("youtube", "you tube"),
    refused={"youtu.be": Refusal.POST},
)

NETWORK = Network(
    slug="youtube",
    name="YouTube",
    route="key",
    account_counters=("followers", "posts", "views"),
    post_counters=("likes", "comments", "views"),
    interactions=("likes", "comments"),
    scored=False,
    derived_metrics=False,
    redistribution="none",
    retention_days=30,
    quotas={
        "data": Quota(
            10_000,
            DAY,
            "credential",
            "YouTube Data API: 10 000 units a day",
            ("profile", "readings", "uploads"),
        ),
        "search": Quota(
            100, DAY, "credential", "YouTube Data API: 100 searches a day, apart", ("mentions",)
        ),
        "feed": Quota(5, 1, "host", "unpublished: the pace we allow ourselves", ("posts",)),
    },
    mentions="search",
    search=Search(
        "words",
        pace=960,
        soonest=6 * HOUR,
        delay="jusqu’à 2 jours après la mise en ligne (toutes les 6 heures au mieux, une fois par "
        "jour au pire, selon le nombre de mots de toutes les veilles, dont les 90 plus demandés "
        "sont cherchés) ; il y faut une clé de YouTube",
        source="search.list: 100 a day, of which we use 90; how late it indexes is not published",
        overlap=DAY,
    ),
    profiles_per_request=50,
    posts_per_request=50,
    page_size=50,
    posts_need_native_id=True,
    batches_need_native_id=True,
    older_pages="uploads",
    address="https://www.youtube.com/channel/{native_id}",
    terms="Règles III.E.4 : ni score, ni total mêlé à d’autres réseaux, 30 jours au plus.",
    not_seen="nombre exact d’abonnés (arrondi à trois chiffres, ou masqué) ; partages ; comptes "
    "suivis ; commentaires fermés ; ce que d’autres ne disent que dans la vidéo, ou à la fin de sa "
    "description",
    source="Data API v3, et le flux public de la chaîne",
    hosts=("www.googleapis.com", "www.youtube.com"),
    obtaining=(
        "Sur console.cloud.google.com, créez un projet et activez « YouTube Data API v3 ».",
        "Créez une clé d’API, restreinte à cette API.",
    ),
    wikidata={
        "P2397": "https://www.youtube.com/channel/{}",
        "P11245": "https://www.youtube.com/@{}",
    },
    forms=FORMS,
)
