"""Posts of registered accounts: their counters at a moment, and their texts."""

from typing import Annotated, Literal, NamedTuple, Self, get_args

from annotated_types import MaxLen, MinLen

from contracts.event import (
    AbsenceReason,
    Count,
    Event,
    Id,
    Moment,
    NetworkSlug,
    Text,
    hashed_id,
    require_reasons,
)

PostCounter = Literal["likes", "comments", "shares", "quotes", "views"]
"""`likes`: reactions, favourites; `comments`: replies; `shares`: reposts, boosts."""

POST_COUNTERS: tuple[PostCounter, ...] = get_args(PostCounter)


def post_id(network: str, native_id: str) -> str:
    """Return the id of a post: the network and the network's own id, such as `mastodon:1172…`.

    Whoever writes observations of posts uses it, so that all readings of a post meet.
    """
    return f"{network}:{native_id}"


def item_id(feed: str, identity: str) -> str:
    """Return the native id of a feed's item: a guid is unique in its feed only.

    `feed` is the account, which stays when the feed's address changes.
    """
    return hashed_id("item", feed, identity)


PostKind = Literal["text", "photo", "album", "video", "link", "event", "other"]
KIND_LABELS: dict[str, str] = {
    "text": "texte",
    "photo": "photo",
    "album": "album",
    "video": "vidéo",
    "link": "lien",
    "event": "événement",
    "other": "autre",
}
"""How French calls them."""


class PostTopic(NamedTuple):
    """What posts speak of: slug, French name, how the words of a text that speaks of it begin.

    Derived where the text is at hand (`libs/matching/derived.py`); later only the slug is kept.

    Beginnings are folded (no accent, lower case); one that ends with a space is a whole word.
    """

    slug: str
    label: str
    begins: tuple[str, ...]


CONTEST = "contest"
"""The topic of posts that are told apart: people react to what there is to win."""

POST_TOPICS: tuple[PostTopic, ...] = (
    PostTopic("events", "agenda et fêtes", (
        "festival", "fete ", "fetes ", "festivit", "carnaval", "brocante", "kermesse", "loto ",
        "foire", "artifice", "bal ", "agenda", "sortir ", "guinguette", "buvette",
        "programme ", "retraite", "ceremonie", "voeux", "galette",
    )),
    PostTopic("works", "travaux et circulation", (
        "travaux", "circulation", "deviation", "chantier", "chaussee", "stationnement", "voirie",
        "refection", "enrobe", "canalisation","barree",
    )),
    PostTopic("warnings", "alertes et météo", (
        "vigilance", "meteo", "orage", "canicule", "neige", "verglas", "inondation", "crue",
        "chaleurs", "tempete", "alerte", "evacuation", "froid ",
    )),
    PostTopic("culture", "culture", (
        "mediatheque", "bibliotheque", "exposition", "theatre", "musee", "cultur", "spectacle",
        "conference", "concert", "cinema", "patrimoine", "lecture",
    )),
    PostTopic("children", "enfance et jeunesse", (
        "ecole", "cantine", "creche", "eleve", "loisirs", "jeunes", "periscolaire", "enfan",
        "colleg", "lycee", "famille",
    )),
    PostTopic("council", "vie municipale", (
        "conseil ", "conseilmunicipal", "elus ", "elue", "budget", "deliberation", "maire ",
        "seance", "participatif", "concertation", "election", "mandat",
    )),
    PostTopic("surroundings", "cadre de vie et nature", (
        "environnement", "dechet", "jardin", "arbre", "fleuri", "biodiversite", "proprete",
        "propre ", "nature ", "compost", "recycl", "velo ", "pietonn", "plantation",
    )),
    PostTopic("sport", "sport", (
        "sport", "victoire", "match", "tournoi", "judo", "basket", "handball", "football",
        "petanque", "stade", "gymnase", "piscine", "rugby", "championn", "marathon",
    )),
    PostTopic("services", "vie pratique", (
        "bureaux", "horaires", "ouverture", "fermeture", "ferme ", "fermee ", "fermes ",
        "demarche", "marche ", "permanence", "passeport",
    )),
    PostTopic("solidarity", "solidarité et santé", (
        "solidar", "ccas ", "aines ", "sante ", "sang ", "benevol", "handicap", "vaccin", "medec",
        "collecte ",
    )),
    PostTopic("economy", "commerce et emploi", (
        "emploi", "recrut", "commerce", "commercant", "entreprise", "artisan", "stage ",
    )),
    PostTopic(CONTEST, "jeu-concours", ("concours", "jeuconcours", "tirage", "gagner ")),
)  # fmt: skip

POST_TOPIC_LABELS = {topic.slug: topic.label for topic in POST_TOPICS}
"""How French calls them."""


Fingerprint = Annotated[str, MinLen(16), MaxLen(16)]
"""Sixteen hexadecimal digits: those of texts that differ by few words differ by few bits."""


class PostObserved(Event):
    """A post and its counters at a moment; what is derived from its text travels here.

    `slot` is the scheduled moment of the reading (for a stream, the event's own), `observed_at`
    when the network answered, `published_at` when the post was (all UTC). A deleted post has null
    counters, `not_published`. Of the text travel length, hashtags, language, topics (slugs of
    `POST_TOPICS`) and a fingerprint that no text is read back from; the text itself is
    in `texts.observed`, kept 30 days.
    """

    post: Id
    account: Id
    network: NetworkSlug
    native_id: Id
    address: Id | None = None
    state: Literal["present", "deleted"] = "present"
    kind: PostKind = "other"
    published_at: Moment
    slot: Moment
    observed_at: Moment
    likes: Count | None
    comments: Count | None
    shares: Count | None
    quotes: Count | None = None
    views: Count | None = None
    absent: dict[PostCounter, AbsenceReason] = {}
    text_length: Count = 0
    hashtags: tuple[str, ...] = ()
    language: str | None = None
    topics: tuple[str, ...] = ()
    fingerprint: Fingerprint | None = None

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account

    @classmethod
    def write(cls, **fields: object) -> Self:
        """Build one for the wire; refuses a null counter without its reason (`ValueError`)."""
        observed = cls.model_validate(fields)
        require_reasons({name: getattr(observed, name) for name in POST_COUNTERS}, observed.absent)
        return observed


class TextObserved(Event):
    """The text of a post, kept 30 days."""

    post: Id
    account: Id
    network: NetworkSlug
    address: Id | None = None
    published_at: Moment
    observed_at: Moment
    text: Text
    language: str | None = None

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account
