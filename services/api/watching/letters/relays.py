"""The mails by which an alert reaches somebody else: handed over, escalated, told after a mute."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from contracts.alerts import SEEN_PAGE, WHY_PAGE
from contracts.watches import Watched
from libs.deciding.hours import zone_of
from libs.french import clock_time, duration, plural
from services.api.figures.watch_rows import WatchAlert
from services.api.store import Mail
from services.api.watching.letters.mails import about


def links_of(portal_url: str, watch: Watched, alert: str, address: str) -> dict[str, str]:
    """Return « J’ai vu » and why, for the recipient at an address."""
    name = watch.recipient_name(address)
    asked = urlencode({"veille": watch.watch, "destinataire": name})
    base = portal_url.rstrip("/")
    pages = {"J’ai vu": SEEN_PAGE, "Pourquoi cette alerte ?": WHY_PAGE}
    return {label: f"{base}{page.format(alert=alert)}?{asked}" for label, page in pages.items()}


Write = Callable[[Watched, str], Mail]
"""Makes a mail about an alert, from its watch and whom it is for."""


def handed_over(portal_url: str, alert: WatchAlert, by: str, *, simulation: bool) -> Write:
    """Return what tells a colleague that an alert is theirs now."""

    def said(at: str) -> tuple[str, str]:
        passed = f"{by} vous passe la main : « {alert.title} », alerte de {at}."
        return f"À vous · {alert.title}", passed

    return _to_be_seen(portal_url, alert, said, simulation=simulation)


def escalated(portal_url: str, alert: WatchAlert, minutes: int, *, simulation: bool) -> Write:
    """Return what tells somebody of an alert that nobody has seen."""

    def said(at: str) -> tuple[str, str]:
        unseen = f"Personne n’a vu cette alerte de {at} en {duration(minutes)} : « {alert.title} »."
        return f"Personne n’a vu · {alert.title}", unseen

    return _to_be_seen(portal_url, alert, said, simulation=simulation)


def _to_be_seen(
    portal_url: str, alert: WatchAlert, said: Callable[[str], tuple[str, str]], *, simulation: bool
) -> Write:
    """Return what asks to look at an alert; `said` gives subject and first sentence by its hour."""

    def write(watch: Watched, address: str) -> Mail:
        subject, first = said(clock_time(alert.raised_at, zone_of(watch)))
        sentences = (
            first,
            alert.why,
            "Appuyez sur « J’ai vu » : les autres destinataires sauront que vous vous en occupez.",
        )
        links = links_of(portal_url, watch, alert.alert, address)
        return about(portal_url, watch, address, subject, sentences, links, simulation=simulation)

    return write


def meanwhile(portal_url: str, alerts: Sequence[WatchAlert], *, simulation: bool) -> Write:
    """Return what tells somebody, after a mute, the alerts that came meanwhile; newest first."""

    def write(watch: Watched, address: str) -> Mail:
        zone = zone_of(watch)
        many = plural(len(alerts), "alerte n’a pas été envoyée", "alertes n’ont pas été envoyées")
        sentences = (
            f"Pendant votre silence, {many} :",
            *(f"{clock_time(one.raised_at, zone)} · {one.title}" for one in alerts),
        )
        links = links_of(portal_url, watch, alerts[0].alert, address)
        subject = f"Pendant votre silence · {plural(len(alerts), 'alerte')} · {watch.name}"
        return about(portal_url, watch, address, subject, sentences, links, simulation=simulation)

    return write
