"""PanneauPocket: not observed; its addresses are known (recalled, not documented by it)."""

from contracts.networks.forms import HOME, Account, Forms, form
from contracts.networks.network import Network

NETWORK = Network(
    "panneaupocket",
    "PanneauPocket",
    observed=False,
    scored=False,
    not_seen="aucune interface publique n’est documentée",
    forms=Forms(
        ("panneaupocket.com",),
        (
            HOME,
            form(
                r"ville/(?P<id>\d{1,12})(-.*)?",
                Account("https://app.panneaupocket.com/ville/{id}", native_id="{id}"),
            ),
        ),
        labels=("panneaupocket", "panneau pocket"),
    ),
)
