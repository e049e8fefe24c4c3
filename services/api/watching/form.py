"""The form of a watch: what a person typed → a draft, or faults in French."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from contracts.channels import CHANNELS, RECIPIENTS_AT_MOST, VEIL, address_of
from contracts.networks import BY_SLUG
from contracts.territories import Territories, Territory
from contracts.watches import SENSITIVITIES as RULES
from contracts.watches import (
    TERMS_AT_MOST,
    Query,
    QuietHours,
    Sensitivity,
    SensitivityName,
    Watched,
)
from libs.french import number
from libs.matching.query import contradiction, query_of
from services.api.store import WatchDraft
from services.api.watching.asked.places import the_place, with_codes
from services.api.watching.regular.account_facts import FACTS

SENSITIVITIES: tuple[tuple[SensitivityName, str], ...] = (
    ("strict", "Stricte"),
    ("balanced", "Équilibrée"),
    ("sensitive", "Sensible"),
)
MODES = (
    ("each", "Chaque texte, regroupé"),
    ("peak", "Seulement quand on en parle inhabituellement"),
)
WINDOWS = ((30, "30 minutes"), (60, "1 heure"), (180, "3 heures"), (1440, "1 jour"))
COOLDOWNS = ((15, "15 minutes"), (60, "1 heure"), (240, "4 heures"), (1440, "1 jour"))

LONGEST_NUMBER = 9
"""Digits of a number of minutes that are read; so many are too many already."""

TERMS = "Chaque mot ou expression a de 2 à 100 signes."
TOO_MANY_TERMS = f"Une veille a au plus {TERMS_AT_MOST} mots ou expressions."
QUIET = "Les heures calmes s’écrivent 22h et 7h, ou 22h30."
_CLOCK = re.compile(r"(?P<hour>\d{1,2})\s*(?:(?:h|:|heures?)\s*(?P<minute>\d{2})?)?", re.IGNORECASE)

DELAY = "Le délai s’écrit 15 min, 1h ou 1h30, de 5 minutes à 12 heures."
_DELAY = re.compile(
    r"(?:(?P<hours>\d{1,2})\s*(?:h|heures?)\s*(?P<rest>\d{2})?|(?P<minutes>\d{1,3})\s*(?:min|minutes?|mn)?)",
    re.IGNORECASE,
)

FIELDS = {
    "escalate_minutes": "escalate",
    "window_minutes": "window",
    "cooldown_minutes": "cooldown",
    "start": "quiet",
    "end": "quiet",
    "crisis_terms": "crisis",
}
"""What the contracts name otherwise than the form."""
FAULTS = {
    "any": TERMS,
    "all": TERMS,
    "none": TERMS,
    "name": "Donnez un nom à la veille (200 signes au plus).",
    "window": "La période comptée va de 5 minutes à 2 jours.",
    "cooldown": "Le regroupement va de 0 minute à 1 jour.",
    "quiet": QUIET,
    "escalate": DELAY,
    "crisis": TERMS,
    "purpose": "Dites à quoi sert la veille : la loi demande une finalité (500 signes au plus).",
}
TERM_FAULTS = {"too_many_terms": TOO_MANY_TERMS, "term_too_short": TERMS}
"""What the bounds of a whole query, or of the hours, say of their terms."""

LABELS = {
    "territory": "Collectivité",
    "name": "Nom",
    "purpose": "Finalité",
    "any": "Un de ces mots ou expressions",
    "all": "Et tous ceux-ci",
    "none": "Et aucun de ceux-là",
    "mode": "Quand écrire",
    "window": "Fenêtre d’un pic",
    "sensitivity": "Sensibilité d’un pic",
    "cooldown": "Délai entre deux messages",
    "quiet_start": "Heures calmes, de",
    "quiet_end": "Heures calmes, à",
    "crisis": "Mots de crise",
    "escalate": "Prévenir les renforts après",
}
"""The fields of the form as its page names them."""


@dataclass(frozen=True, slots=True)
class WatchForm:
    """What was typed, whom to tell, and what is wrong with it (field → sentence)."""

    typed: Mapping[str, str]
    networks: tuple[str, ...] = ()
    draft: WatchDraft | None = None
    recipients: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict[str, str])


def read(
    typed: Mapping[str, str],
    networks: Sequence[str],
    known: Territories,
    refusal: Callable[[Territory], str | None],
) -> WatchForm:
    """Read a form; `draft` is None when something is wrong.

    `refusal` says why a territory may have no watch (`services/api/watching/unmeasured.py`).
    """
    faults: dict[str, str] = {}
    territory, fault = _territory(typed.get("territory", ""), known, refusal)
    if fault:
        faults["territory"] = fault
    query = _query(typed, networks, known, faults)
    recipients: tuple[str, ...] = ()
    try:
        recipients = recipients_of(typed.get("recipients", ""))
    except ValueError as error:
        faults["recipients"] = str(error)
    draft = None
    try:
        draft = _draft(typed, territory, query)
    except ValidationError as error:
        for place, fault in _faults(error):
            faults.setdefault(place, fault)
    except ValueError as error:
        faults["escalate" if str(error) == DELAY else "quiet"] = str(error)
    return WatchForm(
        typed=typed,
        networks=tuple(networks),
        draft=None if faults else draft,
        recipients=recipients,
        faults=faults,
    )


def _draft(typed: Mapping[str, str], territory: Territory | None, query: Query) -> WatchDraft:
    """Return the watch that is asked for.

    Raises `ValidationError`, or `ValueError` whose text says what is wrong with hours or delays.
    """
    return WatchDraft(
        territory=territory.code if territory else "-",
        name=typed.get("name", "").strip(),
        purpose=typed.get("purpose", "").strip(),
        query=query,
        mode="peak" if typed.get("mode") == "peak" else "each",
        window_minutes=_minutes(typed, "window", 60),
        sensitivity=_sensitivity(typed.get("sensitivity", "")),
        cooldown_minutes=_minutes(typed, "cooldown", 60),
        quiet=_quiet(typed),
        escalate_minutes=_delay(typed.get("escalate", "")),
        facts=tuple(fact for fact in FACTS if typed.get(f"fait_{fact}")),
        timezone=territory.timezone if territory else "Europe/Paris",
    )


def _faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Give what is wrong with a draft: the field of the form, and the sentence."""
    for one in error.errors():
        place = str(one["loc"][0])
        if of_terms := TERM_FAULTS.get(one["type"]):
            yield {"query": "any", "quiet": "crisis"}[place], of_terms
        else:
            place = FIELDS.get(place, place)
            yield place, FAULTS.get(place, "Cette valeur n’est pas possible.")


def _territory(
    typed: str, known: Territories, refusal: Callable[[Territory], str | None]
) -> tuple[Territory | None, str | None]:
    """Find a territory by its code or its name; else None, and in French what is to be typed."""
    try:
        found = the_place(known, typed, refusal)
    except ValueError as error:
        return None, str(error)
    return found, refusal(found)


def _query(
    typed: Mapping[str, str], networks: Sequence[str], known: Territories, faults: dict[str, str]
) -> Query:
    """Read what is looked for; what is wrong with it is put beside its field."""
    said = {name: typed.get(name, "") for name in ("any", "all", "none")}
    if not said["any"].strip():
        faults["any"] = "Donnez au moins un mot ou une expression."
    for name in said:
        try:
            if name == "any":
                said[name] = with_codes(known, said[name])
                query_of(said[name])
            else:
                query_of("", said[name])
        except ValidationError:
            faults[name] = TERMS
        except ValueError as error:
            faults[name] = str(error)
        if name in faults:
            said[name] = ""
    wanted = [slug for slug in networks if slug in BY_SLUG]
    query = query_of(said["any"], said["all"], said["none"], wanted)
    if never := contradiction(query):
        faults["none" if query.none else "any"] = never
    return query


def typed_of(watch: Watched) -> dict[str, str]:
    """Return what a person would have typed to make this watch, recipients apart."""
    quiet = watch.quiet
    return {
        "settled": str(watch.settled),
        "territory": watch.territory,
        "name": watch.name,
        "purpose": watch.purpose,
        "any": watch.query.expression or "\n".join(watch.query.any),
        "all": "\n".join(watch.query.all),
        "none": "\n".join(watch.query.none),
        "mode": watch.mode,
        "window": str(watch.window_minutes),
        "sensitivity": watch.sensitivity,
        "cooldown": str(watch.cooldown_minutes),
        "quiet_start": _clock(quiet.start) if quiet else "",
        "quiet_end": _clock(quiet.end) if quiet else "",
        "crisis": "\n".join(quiet.crisis_terms) if quiet else "",
        "escalate": f"{watch.escalate_minutes} min" if watch.escalate_minutes else "",
        **{f"fait_{fact}": "1" for fact in watch.facts},
    }


def changed_since(typed: Mapping[str, str], watch: Watched) -> list[tuple[str, str]]:
    """Return what a watch says otherwise than a form: label, and in words what it says now."""
    now = typed_of(watch)
    words = {
        "mode": dict(MODES)[watch.mode],
        "window": minutes_words(watch.window_minutes),
        "sensitivity": dict(SENSITIVITIES)[watch.sensitivity],
        "cooldown": minutes_words(watch.cooldown_minutes) if watch.cooldown_minutes else "aucun",
    }
    return [
        (label, words.get(name) or " · ".join(lines(now[name])) or "rien")
        for name, label in LABELS.items()
        if lines(typed.get(name, "")) != lines(now[name])
    ]


def choices_with(
    choices: Sequence[tuple[int, str]], value: str | None
) -> Sequence[tuple[int, str]]:
    """Return the choices of minutes, and in its place the value when it is none of them.

    A watch that was made otherwise (REST) keeps what it has when it is modified.
    """
    minutes = int(value) if value and value.isdecimal() and len(value) < LONGEST_NUMBER else None
    if minutes is None or any(minutes == known for known, _ in choices):
        return choices
    return sorted([*choices, (minutes, minutes_words(minutes))])


def minutes_words(minutes: int) -> str:
    """Write 20 as « 20 minutes », 90 as « 1 h 30 », 1440 as « 1 jour »."""
    known = dict((*WINDOWS, *COOLDOWNS))
    if minutes in known:
        return known[minutes]
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes" if rest > 1 else f"{rest} minute"
    return f"{hours} h {rest:02}" if rest else f"{hours} heures"


def pace(minutes: int) -> str:
    """Write how often at most: « par heure », « toutes les 20 minutes »; empty without a pace."""
    known = {60: "par heure", 1440: "par jour"}
    return known.get(minutes, f"toutes les {minutes_words(minutes)}") if minutes else ""


def rule(sensitivity: SensitivityName, window: int | None = None) -> str:
    """Write what is told: « au moins 3 messages en 20 minutes, et plus de 2 fois l’habituel ».

    `window` is in minutes, None when it is not known yet.
    """
    least = _least(RULES[sensitivity].least, window)
    return f"{least}, et plus de {times(RULES[sensitivity])} l’habituel"


def rule_unknown(sensitivity: SensitivityName, window: int) -> str:
    """Write when a number is told while nothing usual is known: « au moins 6 messages en … »."""
    return _least(RULES[sensitivity].unknown_least, window)


def times(one: Sensitivity) -> str:
    """Write how many times what is usual must be exceeded: « 2 fois »."""
    return f"{number(one.ratio)} fois"


def _least(count: int, window: int | None) -> str:
    within = f" en {minutes_words(window)}" if window else ""
    return f"au moins {number(count)} messages{within}"


def lines(text: str) -> tuple[str, ...]:
    """Return the words or phrases of a field, one a line, each once."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses of a field, one a line or between commas, in any form people have them.

    Beside them, what is none, as it was typed.
    """
    found: list[str] = []
    wrong: list[str] = []
    for typed in lines(text.replace(",", "\n").replace(";", "\n")):
        if address := address_of(typed):
            found.append(address)
        else:
            wrong.append(typed)
    return tuple(dict.fromkeys(found)), tuple(wrong)


def recipients_of(text: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the addresses of a field, those apart that the watch tells already.

    Raises `ValueError` with a sentence in French: one is none, or the watch would have too many.
    """
    found, wrong = addresses(text)
    if wrong:
        raise ValueError(unrecognised(wrong))
    new = tuple(one for one in found if one not in known)
    if len(known) + len(new) > RECIPIENTS_AT_MOST:
        raise ValueError(f"Une veille prévient au plus {RECIPIENTS_AT_MOST} adresses.")
    return new


def unrecognised(wrong: Sequence[str]) -> str:
    """Say which lines are no addresses, and what is one; of a link no more than its host.

    The rest of a link may be the secret of a hook, mistyped.
    """
    quoted = ", ".join(f"« {_unveiling(one)} »" for one in wrong)
    many = "Adresses non reconnues" if len(wrong) > 1 else "Adresse non reconnue"
    known = " ou ".join(
        ", ".join(filter(None, (f"{one.label} ({one.example_given})", one.where)))
        for one in CHANNELS
    )
    return f"{many} : {quoted}. Une adresse par ligne : {known}."


def _unveiling(typed: str) -> str:
    scheme, link, rest = typed.partition("://")
    host, path, _ = rest.partition("/")
    return f"{scheme}://{host}/{VEIL}" if link and path else typed


def _minutes(typed: Mapping[str, str], name: str, default: int) -> int:
    value = typed.get(name, "").strip()
    return int(value[:LONGEST_NUMBER]) if value.isdecimal() else default


def _sensitivity(value: str) -> SensitivityName:
    if value == "strict" or value == "sensitive":
        return value
    return "balanced"


def _quiet(typed: Mapping[str, str]) -> QuietHours | None:
    """Read the quiet hours; none when the fields are empty. Raises `ValueError`."""
    start, end = typed.get("quiet_start", "").strip(), typed.get("quiet_end", "").strip()
    if not start and not end:
        return None
    return QuietHours(
        start=minute_of(start), end=minute_of(end), crisis_terms=lines(typed.get("crisis", ""))
    )


def _delay(typed: str) -> int | None:
    """Read « 15 min », « 1h30 »; none where nothing is typed. Raises `ValueError`."""
    if not typed.strip():
        return None
    said = _DELAY.fullmatch(" ".join(typed.split()))
    if said is None:
        raise ValueError(DELAY)
    if said["minutes"]:
        return int(said["minutes"])
    return 60 * int(said["hours"]) + int(said["rest"] or 0)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def clock_words(minute: int) -> str:
    """Write minutes after midnight: « 8 h », « 22 h 30 »."""
    return f"{minute // 60} h" + (f" {minute % 60:02}" if minute % 60 else "")


def minute_of(clock: str) -> int:
    """Read « 22h », « 22 h 30 », « 22:00 » or « 22 ». Raises `ValueError`."""
    said = _CLOCK.fullmatch(" ".join(clock.split()))
    hour, minute = (int(said["hour"]), int(said["minute"] or 0)) if said else (24, 60)
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError(QUIET)
    return hour % 24 * 60 + minute
