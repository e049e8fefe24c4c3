"""Threads: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "threads",
    "Threads",
    observed=False,
    scored=False,
    forms=Forms(
        ("threads.net", "threads.com"),
        (
            HOME,
            form(r"intent(/.*)?", Refusal.SHARE_BUTTON),
            form(r"(@[^/]+/post|t|post)/.+", Refusal.POST),
            form(
                r"@(?P<handle>[a-z\d._]{1,30})",
                Account("https://www.threads.net/@{handle}", "{handle}"),
            ),
        ),
        bare="https://www.threads.net/@{}",
        labels=("threads",),
    ),
)
