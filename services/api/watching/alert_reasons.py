"""Why an alert was raised, in facts: the rule, what is usual, what was seen."""

from contracts.alerts import BACK
from contracts.watches import SENSITIVITIES as RULES
from contracts.watches import Watched
from libs.french import number, plural
from services.api.figures.watch_rows import WatchAlert
from services.api.watching.form import SENSITIVITIES, minutes_words, pace, rule, rule_unknown

SOURCE_KINDS = frozenset(("source_failed", "silence"))


def reasons(alert: WatchAlert, watch: Watched) -> list[tuple[str, str]]:
    """Return name and value of each fact; the rule is that of the watch as it is now."""
    if alert.kind in SOURCE_KINDS:
        back = alert.group.endswith(BACK)
        does = "répond de nouveau depuis dix minutes" if back else "ne donne plus rien"
        return [("Règle", f"une source que la veille lit {does}"), _sensitivity(watch)]
    if alert.kind != "peak" or alert.window_minutes is None:
        return _each(alert, watch)
    window = minutes_words(alert.window_minutes)
    seen = f"{plural(alert.total, 'message')} en {window}"
    if alert.usual is None:
        least = rule_unknown(watch.sensitivity, alert.window_minutes)
        least += ", seuil fixe de l’apprentissage"
        usual = "inconnu : la veille apprend encore"
        return [("Règle", least), ("D’habitude", usual), ("Vu", seen), _sensitivity(watch)]
    spread = f"{number(RULES[watch.sensitivity].deviations)} écarts-types"
    told = rule(watch.sensitivity, alert.window_minutes)
    told += f", hors des variations ordinaires ({spread})"
    usual = f"{plural(alert.usual, 'message') if alert.usual else 'aucun message'} en {window}"
    return [("Règle", told), ("D’habitude", usual), ("Vu", seen), _sensitivity(watch)]


def _each(alert: WatchAlert, watch: Watched) -> list[tuple[str, str]]:
    told = "chaque texte qui contient ces mots"
    if watch.cooldown_minutes:
        told += f", au plus un message {pace(watch.cooldown_minutes)}, sauf si l’affaire double"
    return [("Règle", told), ("Vu", plural(alert.total, "message"))]


def _sensitivity(watch: Watched) -> tuple[str, str]:
    return "Sensibilité", dict(SENSITIVITIES)[watch.sensitivity]
