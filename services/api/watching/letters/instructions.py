"""The orders of the week for who is on duty: when, for which watches, what they do and do not."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from contracts.watches import RECEIVING_PAGE, Recipient, Watched
from libs.deciding.hours import zone_of
from libs.french import day_and_month, duration, series, typography
from libs.letter import MADE_UP_TEXT, letter
from services.api.store import Mail
from services.api.watching.form import clock_words
from services.api.watching.letters.mails import leaving
from services.api.watching.recipients import shown
from services.api.watching.regular.shifts import shifts_words
from services.api.watching.silence import unseen_networks

TO_DO = (
    "À chaque alerte : « J’ai vu » dit aux autres que vous vous en occupez ; « Passer la main » la "
    "donne à un collègue ; « Silence une heure » n’arrête que vos messages, sauf les mots de crise."
)


def instructions(
    portal_url: str,
    address: str,
    watches: Sequence[Watched],
    begins: datetime,
    *,
    simulation: bool,
) -> Mail:
    """Write the mail to somebody on duty in the week that `begins` (UTC); one watch at least."""
    zone = zone_of(watches[0])
    title = f"Consigne d’astreinte · semaine du {day_and_month(begins.astimezone(zone).date())}"
    sentences = [
        *(_of_watch(one, address, simulation=simulation) for one in watches),
        *_unseen(watches),
        TO_DO,
    ]
    said = [typography(one) for one in sentences]
    first = watches[0]
    asked = urlencode({"destinataire": first.recipient_name(address)})
    page = f"{portal_url.rstrip('/')}{RECEIVING_PAGE.format(watch=first.watch)}?{asked}"
    links = {"Changer mes heures": page}
    leave = leaving(portal_url, first, address)
    end = f"Ne plus recevoir la veille « {first.name} »"
    below = [f"{label} : {link}" for label, link in {**links, end: leave}.items()]
    mark = "[SIMULATION] " if simulation else ""
    return Mail(
        subject=mark + typography(title),
        text=typography("\n\n".join([*said, *below, *([MADE_UP_TEXT] if simulation else [])])),
        html=letter(typography(title), said, links, foot={end: leave}, simulation=simulation),
        leave=leave,
    )


def _of_watch(watch: Watched, address: str, *, simulation: bool) -> str:
    mine = next(one for one in watch.recipients if one.address == address)
    said = [f"« {watch.name} » : vous êtes d’astreinte {shifts_words(mine.duty)}."]
    if others := [one for one in watch.recipients if one.confirmed and one.address != address]:
        said.append(f"Avec vous : {series(_other(one, simulation) for one in others)}.")
    if watch.escalate_minutes:
        after = duration(watch.escalate_minutes)
        said.append(f"Sans « J’ai vu » en {after}, les renforts sont prévenus.")
    if watch.quiet:
        start, end = clock_words(watch.quiet.start), clock_words(watch.quiet.end)
        crisis = series(watch.quiet.crisis_terms)
        said.append(f"Heures calmes de {start} à {end}{f', sauf {crisis}' if crisis else ''}.")
    return " ".join(said)


def _unseen(watches: Sequence[Watched]) -> list[str]:
    """Write, once for all, which networks none of the watches sees."""
    unseen = [one for one in unseen_networks(watches[0]) if all(
        one in unseen_networks(watch) for watch in watches
    )]  # fmt: skip
    who = "Vos veilles ne voient" if len(watches) > 1 else "Votre veille ne voit"
    return [f"{who} pas ce que les habitants écrivent sur {series(unseen)}."] if unseen else []


def _other(one: Recipient, simulation: bool) -> str:
    name = shown(one.address, masked=simulation)
    if one.backup:
        return f"{name} (renfort)"
    return f"{name} ({shifts_words(one.duty)})" if one.duty else name
