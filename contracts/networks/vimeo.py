"""Vimeo: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "vimeo",
    "Vimeo",
    observed=False,
    scored=False,
    forms=Forms(
        ("vimeo.com",),
        (
            HOME,
            form(r"(video/)?\d+(/.*)?", Refusal.POST),
            form(r"groups(/.*)?", Refusal.GROUP),
            form(
                r"(channels|album|showcase|ondemand|categories|watch|search|log_in|join|features)"
                r"(/.*)?",
                Refusal.NOT_AN_ACCOUNT,
            ),
            form(
                r"(?P<handle>[a-z][\w]{2,39})(/(videos|about))?",
                Account("https://vimeo.com/{handle}", "{handle}"),
            ),
        ),
        bare="https://vimeo.com/{}",
        labels=("vimeo",),
        refused={"player.vimeo.com": Refusal.POST},
    ),
)
