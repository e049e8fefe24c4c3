"""The digest as a mail: one for all watches of a person, what is quiet last."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from contracts.addresses.hosts import web_address
from contracts.alerts import WHY_PAGE
from contracts.watches import RECEIVING_PAGE, WATCH_PAGE, Watched
from libs.deciding.hours import zone_of
from libs.french import clock_time, number, short_day, typography
from libs.letter import MADE_UP_TEXT, letter
from services.api.figures.watch_rows import WatchAlert, WatchMatch
from services.api.store import Mail
from services.api.watching.regular.digest import Part, speaker_of, subject

END_PAGE = "/veilles/{watch}/recapitulatif/fin"

SAID_MOST = 400
ALERTS_MOST = 5
"""Alerts of a digest, and characters of each text."""

NOTHING = "Rien à signaler."


class Links:
    """The addresses of a digest, for the recipient at `address`."""

    def __init__(self, portal_url: str, address: str) -> None:
        self._portal_url = portal_url.rstrip("/")
        self._address = address

    def of(self, page: str, watch: Watched, **more: str) -> str:
        """Return a page of a watch, for this recipient."""
        asked = urlencode({**more, "destinataire": watch.recipient_name(self._address)})
        return f"{self._portal_url}{page.format(watch=watch.watch)}?{asked}"

    def watch(self, watch: Watched) -> str:
        """Return the page of a watch."""
        return self._portal_url + WATCH_PAGE.format(watch=watch.watch)

    def alert(self, watch: Watched, alert: WatchAlert) -> str:
        """Return « Pourquoi cette alerte ? »."""
        return self.of(WHY_PAGE.format(alert=alert.alert), watch, veille=watch.watch)


def digest(portal_url: str, address: str, parts: Sequence[Part], *, simulation: bool) -> Mail:
    """Write the digest of watches, of which there is one at least."""
    links = Links(portal_url, address)
    told = sorted((one for one in parts if not one.quiet), key=lambda one: -len(one.texts))
    quiet = [one for one in parts if one.quiet]
    title = typography(subject(parts))
    first = parts[0].watch
    foot = {
        "Changer l’heure ou le rythme": links.of(RECEIVING_PAGE, first),
        "Ne plus recevoir ce récapitulatif": links.of(END_PAGE, first),
    }
    text = [
        *(line for one in told for line in _text(one, links)),
        *(f"{one.watch.name} : {_alive(one)}" for one in quiet),
        *(f"{label} : {link}" for label, link in foot.items()),
        *([MADE_UP_TEXT] if simulation else []),
    ]
    inside = "".join([*(_html(one, links) for one in told), *(_quiet(one, links) for one in quiet)])
    read = next((_excerpt(one) for part in told for one, _ in part.worth_reading()), NOTHING)
    return Mail(
        subject=f"{'[SIMULATION] ' if simulation else ''}{title}",
        text=typography("\n\n".join(text)),
        html=letter(
            title, (), {}, foot=foot, inside=typography(inside), first=read, simulation=simulation
        ),
        leave=foot["Ne plus recevoir ce récapitulatif"],
    )


def _alive(one: Part) -> str:
    """Write that nothing was found, and what proves that it was looked for."""
    return f"{NOTHING} {one.life.words(one.at)}."


def _text(one: Part, links: Links) -> list[str]:
    said = [f"{one.watch.name} ({one.place})", f"{one.count_words()}.", one.curve()]
    for text, times in one.worth_reading():
        address = web_address(text.address) or ""
        said.append("\n".join(filter(None, (_excerpt(text), _where(text, times, one), address))))
    said += [f"{label} : {words}." for label, words in _facts(one)]
    said += [f"{_alert(one, alert)} : {links.alert(one.watch, alert)}" for alert in _alerts(one)]
    return [*filter(None, said), f"Voir la veille : {links.watch(one.watch)}"]


def _html(one: Part, links: Links) -> str:
    head = f'<h2>{escape(one.watch.name)} <span class="soft">{escape(one.place)}</span></h2>'
    count = f"<p>{escape(one.count_words())}.</p>"
    curve = _curve(one)
    quotes = "".join(_quote(text, times, one) for text, times in one.worth_reading())
    facts = "".join(
        f"<p><strong>{label}</strong> : {escape(words)}.</p>" for label, words in _facts(one)
    )
    alerts = "".join(
        f'<li><a href="{escape(links.alert(one.watch, alert))}">{escape(alert.title)}</a>'
        f"{escape(_alert(one, alert).removeprefix(alert.title))}</li>"
        for alert in _alerts(one)
    )
    told = f"<p><strong>Alertes</strong></p><ul>{alerts}</ul>" if alerts else ""
    page = f'<p><a href="{escape(links.watch(one.watch))}">Voir la veille</a></p>'
    return f"{head}{count}{curve}{quotes}{facts}{told}{page}"


def _curve(one: Part) -> str:
    if not one.curve():
        return ""
    step = "heure par heure" if one.days == 1 else "jour par jour"
    until = clock_time(one.at, zone_of(one.watch))
    drawn = f'<p class="curve" aria-hidden="true">{one.curve()}</p>'
    return f'{drawn}<p class="soft" aria-hidden="true">{step}, jusqu’à {until}</p>'


def _quiet(one: Part, links: Links) -> str:
    page = f'<a href="{escape(links.watch(one.watch))}">Voir la veille</a>'
    return f"<h2>{escape(one.watch.name)}</h2><p>{escape(_alive(one))} {page}</p>"


def _quote(text: WatchMatch, times: int, part: Part) -> str:
    address, where = web_address(text.address), escape(_where(text, times, part))
    linked = f'<a href="{escape(address)}">{where}</a>' if address else where
    title = f'<p class="title">{escape(text.title)}</p>' if text.title else ""
    said = f"<p>{escape(text.excerpt[:SAID_MOST])}</p>" if text.excerpt else ""
    return f'<blockquote class="said">{title}{said}<p class="where">{linked}</p></blockquote>'


def _excerpt(text: WatchMatch) -> str:
    return " — ".join(filter(None, (text.title, text.excerpt[:SAID_MOST])))


def _where(text: WatchMatch, times: int, part: Part) -> str:
    zone = zone_of(part.watch)
    at = clock_time(text.published_at, zone)
    day = f"{short_day(text.published_at.astimezone(zone).date())}, " if part.days > 1 else ""
    often = f" × {number(times)}" if times > 1 else ""
    return f"{speaker_of(text)}{often} · {day}{at}"


def _facts(one: Part) -> list[tuple[str, str]]:
    named = (
        ("Qui parle", one.speakers()),
        ("Mots saillants", one.salient()),
        ("Non signalé sur le moment", one.held()),
    )
    return [(label, words) for label, words in named if words]


def _alerts(one: Part) -> Sequence[WatchAlert]:
    return one.alerts[:ALERTS_MOST]


def _alert(one: Part, alert: WatchAlert) -> str:
    at = clock_time(alert.raised_at, zone_of(one.watch))
    by = one.seen.get(alert.alert)
    return f"{alert.title} · {at}, {f'vue par {by}' if by else 'vue par personne'}"
