"""WhatsApp: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "whatsapp",
    "WhatsApp",
    observed=False,
    scored=False,
    not_seen="aucune interface publique ne montre une chaîne",
    forms=Forms(
        ("whatsapp.com",),
        (
            HOME,
            form(
                r"channel/(?P<id>[a-z\d]{20,30})",
                Account("https://www.whatsapp.com/channel/{id}", native_id="{id}"),
            ),
            form(r".*", Refusal.MESSAGING),
        ),
        labels=("whatsapp", "chaîne whatsapp"),
        refused={"wa.me": Refusal.MESSAGING, "chat.whatsapp.com": Refusal.GROUP},
    ),
)
