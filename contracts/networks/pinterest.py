"""Pinterest: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "pinterest",
    "Pinterest",
    route="owner",
    observed=False,
    scored=False,
    not_seen="l’API ne montre un compte qu’à son titulaire",
    source="API v5, documentation lue en novembre 2026",
    forms=Forms(
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
    ),
    wikidata={"P3836": "https://www.pinterest.com/{}/"},
)
