"""Dailymotion: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "dailymotion",
    "Dailymotion",
    observed=False,
    scored=False,
    forms=Forms(
        ("dailymotion.com",),
        (
            HOME,
            form(r"((embed/)?video|playlist|embed)(/.*)?", Refusal.POST),
            form(
                r"(?:(fr|us)/)?(?P<handle>[a-z\d][\w\-.]{2,39})",
                Account("https://www.dailymotion.com/{handle}", "{handle}"),
            ),
        ),
        bare="https://www.dailymotion.com/{}",
        shorteners=("dai.ly",),
        labels=("dailymotion",),
    ),
)
