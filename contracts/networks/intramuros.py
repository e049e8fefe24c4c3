"""IntraMuros: not observed; its addresses are known (recalled, not documented by it)."""

from contracts.networks.forms import HOME, Account, Forms, form
from contracts.networks.network import Network

NETWORK = Network(
    "intramuros",
    "IntraMuros",
    observed=False,
    scored=False,
    not_seen="aucune interface publique n’est documentée",
    forms=Forms(
        ("intramuros.org",),
        (
            HOME,
            form(
                r"(?P<handle>[a-z][a-z\d\-]{1,79})(/.*)?",
                Account("https://www.intramuros.org/{handle}", "{handle}"),
            ),
        ),
        bare="https://www.intramuros.org/{}",
        labels=("intramuros", "intra muros"),
    ),
)
