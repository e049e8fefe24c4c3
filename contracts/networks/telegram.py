"""Telegram: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "telegram",
    "Telegram",
    observed=False,
    scored=False,
    not_seen="seule la présence est notée",
    forms=Forms(
        ("t.me", "telegram.me"),
        (
            HOME,
            form(r"(joinchat/.+|\+.+)", Refusal.GROUP),
            form(r"share(/.*)?", Refusal.SHARE_BUTTON),
            form(r"(?P<author>(s/)?[^/]+)/\d+", Refusal.POST),
            form(
                r"(s/)?(?P<handle>[a-z][a-z\d_]{3,31})",
                Account("https://t.me/{handle}", "{handle}"),
            ),
        ),
        bare="https://t.me/{}",
        labels=("telegram",),
    ),
)
