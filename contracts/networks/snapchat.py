"""Snapchat: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "snapchat",
    "Snapchat",
    route="owner",
    observed=False,
    scored=False,
    not_seen="seuls les partenaires agréés par Snapchat lisent les profils publics",
    source="Public Profile API, documentation lue en novembre 2026",
    forms=Forms(
        ("snapchat.com",),
        (
            HOME,
            form(r"(spotlight|p|t)/.+", Refusal.POST),
            form(
                r"(add/|@)(?P<handle>[a-z][a-z\d._\-]{2,14})",
                Account("https://www.snapchat.com/add/{handle}", "{handle}"),
            ),
        ),
        bare="https://www.snapchat.com/add/{}",
        labels=("snapchat",),
    ),
    wikidata={"P2984": "https://www.snapchat.com/add/{}"},
)
