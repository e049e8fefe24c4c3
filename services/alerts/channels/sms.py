"""SMS: one POST of JSON to the gateway that the installation names, in the form that it takes.

Documentation: 3GPP TS 23.038, 6.2.1 (the alphabet of 7 bits; another sign makes a message of 160
one of 70), TS 23.040, 9.2.3.24.1 (153 a part where there are several).
"""

import json
import re
import unicodedata
from typing import Any, ClassVar

from contracts.messages import MessageDue
from services.alerts.delivery.channel import Outside, TryLater
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Telling

ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = frozenset("^{}\\[~]|€")
"""Signs that take the room of two."""

WRITTEN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "«": '"',
        "»": '"',
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "œ": "oe",
        "Œ": "OE",
        "·": "-",
        "×": "x",
    }
)  # fmt: skip
_LINK = re.compile(r"https?://\S+")
_IN_QUOTES = re.compile('" (.*?) "')


class Sms(Hook):
    """SMS; without a gateway, or where it refuses our key, the message waits for the setting."""

    scheme = "sms"
    parallel = 2
    pace = 1.0
    longest = 4_096
    later = frozenset((401, 403))

    parts: ClassVar[int] = 3
    by_part: ClassVar[int] = 153

    form: ClassVar[dict[str, Any]] = {
        "path": "", "header": "Authorization", "key": "Bearer {key}",
        "body": {"to": "{to}", "text": "{text}"},
    }  # fmt: skip
    """What `OBSERVATOIRE_CHANNEL_FORMS` may say otherwise, by `sms`."""

    def __init__(self, outside: Outside) -> None:
        """Raise `ValueError` for a form without the number or the text."""
        super().__init__(outside)
        self._form = {**Sms.form, **outside.forms.get(self.scheme, {})}
        self._body = json.dumps(self._form["body"], ensure_ascii=False)
        if missing := [one for one in ("{to}", "{text}") if one not in self._body]:
            raise ValueError(f"the form of the SMS gateway has no {' nor '.join(missing)}")

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert: its title, its first text, the page of « J’ai vu »."""
        first = telling.lines[0].titled if telling.lines else telling.alert.why
        return self._post(address, f"{telling.subject}\n{first}", telling.links.seen)

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return the subject of a ready-made message, and its first link."""
        link = _LINK.search(message.text)
        return self._post(address, message.subject, link[0] if link else "")

    async def send(self, address: str, body: Post) -> None:
        """Post to the gateway."""
        if not self._base:
            raise TryLater("no SMS gateway: OBSERVATOIRE_CHANNEL_URLS", ours=True)
        await super().send(address, body)

    def _post(self, address: str, said: str, link: str) -> Post:
        room = Sms.parts * Sms.by_part - room_of(link) - 1
        text = f"{shortened(in_seven_bits(said), room)}\n{link}".strip()
        number = address.removeprefix("sms:")
        filled = _filled(json.loads(self._body), {"{to}": number, "{text}": text})
        header, key = str(self._form["header"]), str(self._form["key"])
        headers = {header: key.format(key=self.token)} if self.token else {}
        return Post(str(self._form["path"]), filled, headers)


def in_seven_bits(text: str) -> str:
    """Return a text in the alphabet of 7 bits: the nearest signs, those without any left out."""
    said = _IN_QUOTES.sub(r'"\1"', text.translate(WRITTEN))
    return "".join(map(_nearest, unicodedata.normalize("NFC", said)))


def _nearest(sign: str) -> str:
    if sign in ALPHABET or sign in TWICE:
        return sign
    return "".join(one for one in unicodedata.normalize("NFKD", sign) if one in ALPHABET)


def room_of(text: str) -> int:
    """Return how many septets a text takes."""
    return sum(1 + (sign in TWICE) for sign in text)


def shortened(text: str, room: int) -> str:
    """Return as much of a text as there is room for."""
    if room_of(text) <= room:
        return text
    kept, left = "", room - 3
    for sign in text:
        left -= 1 + (sign in TWICE)
        if left < 0:
            break
        kept += sign
    return f"{kept}..." if room >= 3 else ""


def _filled(form: Any, values: dict[str, str]) -> Any:
    """Return a form with its values, wherever they stand; JSON stays JSON whatever they say."""
    if isinstance(form, dict):
        return {name: _filled(one, values) for name, one in form.items()}  # type: ignore[misc]
    if isinstance(form, list):
        return [_filled(one, values) for one in form]  # type: ignore[misc]
    if isinstance(form, str):
        return re.sub(r"\{(?:to|text)\}", lambda found: values[found[0]], form)
    return form


def open_channel(outside: Outside) -> Sms:
    """Open the channel."""
    return Sms(outside)
