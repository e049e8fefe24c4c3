"""Threads: what it publishes, allows and costs, and the addresses of its accounts.

Documentation read in November 2026 (developers.facebook.com/documentation/threads: Threads
Profiles, of April 2026, and overview). Profile Discovery shows profiles of adults above a floor of
followers, 1 000 in the documentation of 2025 and 100 in texts of 2026; likes, replies, reposts,
quotes and views of a post are insights of its owner alone.

Who owns a profile may let us read it, however few follow it (Get Access Tokens, of August 2026;
Long-Lived Tokens; Insights, of January 2026). Neither PKCE nor an address that revokes a token is
documented: the challenge is sent all the same.
"""

from contracts.networks.consent import Consent, Prolonged
from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import DAY, Freshness, Network, Quota

FORMS = Forms(
    ("threads.net", "threads.com"),
    (
        HOME,
        form(r"intent(/.*)?", Refusal.SHARE_BUTTON),
        form(r"((?P<author>@[^/]+)/post|t|post)/.+", Refusal.POST),
        form(
            r"@(?P<handle>[a-z\d._]{1,30})",
            Account("https://www.threads.net/@{handle}", "{handle}"),
        ),
    ),
    bare="https://www.threads.net/@{}",
    labels=("threads",),
)

CONSENT = Consent(
    authorize="https://threads.com/oauth/authorize",
    token="https://graph.threads.net/oauth/access_token",  # noqa: S106 - an address
    prolonged=Prolonged(
        "https://graph.threads.net/access_token",
        "th_exchange_token",
        "https://graph.threads.net/refresh_access_token",
        "th_refresh_token",
    ),
    identity="https://graph.threads.net/v1.0/me?fields=id,username",
    scopes=("threads_basic", "threads_manage_insights"),
    lifetime=60 * DAY,
    worth="Threads ne montre aux autres que les profils assez suivis (100 ou 1 000 abonnés)",
    brings="le nombre d’abonnés, quel qu’il soit, et les publications",
    never="publier, répondre, lire vos messages",
    taken_back="Threads, Paramètres, Compte, Autorisations des sites web",
    source="Threads API, Get Access Tokens, documentation lue en novembre 2026",
)

NETWORK = Network(
    slug="threads",
    name="Threads",
    route="reviewed",
    account_counters=("followers",),
    post_counters=("likes", "comments", "shares", "quotes", "views"),
    interactions=("likes", "comments", "shares", "quotes"),
    scored=False,
    redistribution="scores",
    quotas={
        "discovery": Quota(1000, DAY, "credential", "Threads: 1 000 requests per user and 24 hours")
    },
    freshness=Freshness(readings=()),
    posts_per_request=0,
    page_size=25,
    hosts=("graph.threads.net",),
    permissions=("threads_basic", "threads_profile_discovery"),
    obtaining=(
        "Ayez un compte Threads à vous, et une application Meta avec le produit Threads.",
        (
            "Faites vérifier votre organisme, et demandez à l’App Review : {permissions}. D’ici "
            "là, seuls répondent @meta, @threads, @instagram et @facebook."
        ),
        "Connectez ce compte à l’application, et faites un jeton de longue durée (60 jours).",
    ),
    address="https://www.threads.net/@{handle}",
    terms="Conditions de Meta : l’affichage est permis, la rediffusion en masse non (documentation "
    "lue en novembre 2026).",
    not_seen="comptes de moins de 100 ou 1 000 abonnés (le seuil dit varie) que leur "
    "titulaire n’a pas connectés, comptes fermés ou "
    "renommés (rien ne les distingue) ; réactions et vues des publications, que le titulaire seul "
    "lit ; suppressions",
    source="Threads API, Profile Discovery (fait d’après la documentation, sans réponse "
    "enregistrée)",
    wikidata={"P11892": "https://www.threads.net/@{}"},
    forms=FORMS,
    consent=CONSENT,
)
