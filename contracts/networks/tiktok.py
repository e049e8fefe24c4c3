"""TikTok: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "tiktok",
    "TikTok",
    route="owner",
    observed=False,
    scored=False,
    not_seen="l’API de recherche est réservée aux chercheurs agréés, sans but lucratif",
    source="Research API et Display API, documentation lue en septembre 2026",
    forms=Forms(
        ("tiktok.com",),
        (
            HOME,
            form(r"t/.+", Refusal.SHORTENER),
            form(r"@[^/]+/(video|photo|live)(/.*)?", Refusal.POST),
            form(r"share(/.*)?", Refusal.SHARE_BUTTON),
            form(
                r"@(?P<handle>[\w.]{2,24})", Account("https://www.tiktok.com/@{handle}", "{handle}")
            ),
        ),
        bare="https://www.tiktok.com/@{}",
        shorteners=("vm.tiktok.com", "vt.tiktok.com"),
        labels=("tiktok", "tik tok"),
    ),
    wikidata={"P7085": "https://www.tiktok.com/@{}"},
)
