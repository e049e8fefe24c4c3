"""Instagram: what it publishes, allows and costs, and the addresses of its accounts.

Who owns a professional account may let us read it (Business Login for Instagram, of March 2026;
reference of IG User and `/me`). Neither PKCE nor an address that revokes a token is documented.
"""

from contracts.networks.consent import Consent, Prolonged
from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import DAY, HOUR, Network, Quota

FORMS = Forms(
    ("instagram.com", "instagr.am"),
    (
        HOME,
        form(r"share(/.*)?", Refusal.SHORTENER),
        form(r"(p|reel|reels|tv|stories)(/.*)?", Refusal.POST),
        form(r"(?P<author>[^/]+)/(p|reel|tv)/.+", Refusal.POST),
        form(
            r"(explore|accounts|direct|about|legal|developer|web|challenge|oauth)(/.*)?",
            Refusal.NOT_AN_ACCOUNT,
        ),
        form(
            r"(_u/)?@?(?P<handle>[a-z\d._]{1,30})(/.*)?",
            Account("https://www.instagram.com/{handle}/", "{handle}"),
        ),
    ),
    bare="https://www.instagram.com/{}/",
    shorteners=("ig.me",),
    labels=("instagram", "insta"),
)

CONSENT = Consent(
    authorize="https://www.instagram.com/oauth/authorize",
    token="https://api.instagram.com/oauth/access_token",  # noqa: S106 - an address
    prolonged=Prolonged(
        "https://graph.instagram.com/access_token",
        "ig_exchange_token",
        "https://graph.instagram.com/refresh_access_token",
        "ig_refresh_token",
    ),
    identity="https://graph.instagram.com/v25.0/me?fields=user_id,username",
    scopes=("instagram_business_basic",),
    lifetime=60 * DAY,
    worth="utile si nous ne lisons pas encore votre compte professionnel",
    brings="le nombre d’abonnés et de comptes suivis, et les publications avec leurs mentions "
    "j’aime et commentaires, d’un compte professionnel",
    never="publier, répondre, lire vos messages",
    taken_back="Instagram, Paramètres, Autorisations des sites web, Applications et sites web",
    source="Instagram API with Instagram Login, documentation lue en novembre 2026",
)

NETWORK = Network(
    slug="instagram",
    name="Instagram",
    route="key",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments"),
    interactions=("likes", "comments"),
    redistribution="scores",
    quotas={
        "graph": Quota(200, HOUR, "credential", "Graph API platform limits: 200 calls per hour")
    },
    profiles_per_request=0,
    posts_per_request=0,
    page_size=25,
    family="meta",
    credential="17841400000000000:essai-instagram",
    shown_first=True,
    address="https://www.instagram.com/{handle}/",
    terms="Conditions de Meta : l’affichage est permis, la rediffusion en masse non.",
    not_seen="comptes personnels ; partages, enregistrements, portée ; stories ; mentions j’aime "
    "masquées par le compte",
    if_gone="si le compte est personnel, passez en compte professionnel (gratuit, deux minutes) : "
    "les autres ne se lisent pas de l’extérieur.",
    source="Business Discovery, Graph API v25.0",
    hosts=("graph.facebook.com",),
    permissions=("instagram_basic", "instagram_manage_insights", "pages_read_engagement"),
    obtaining=(
        (
            "Ayez un compte Instagram professionnel à vous (entreprise ou créateur), relié à une "
            "page Facebook dont vous avez l’administration."
        ),
        (
            "Sur developers.facebook.com, créez une application de type « Business » avec Facebook "
            "Login, et faites vérifier votre organisme (business verification)."
        ),
        (
            "Demandez l’accès avancé aux permissions : {permissions} ; et ads_read si votre rôle "
            "sur la page vient du Business Manager."
        ),
        (
            "Faites un jeton d’utilisateur de longue durée, et relevez le numéro du compte "
            "professionnel : le jeton s’écrit « NUMÉRO:JETON »."
        ),
    ),
    wikidata={"P2003": "https://www.instagram.com/{}/"},
    forms=FORMS,
    consent=CONSENT,
)
