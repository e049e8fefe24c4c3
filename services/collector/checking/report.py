"""What a check found, in French: what is read, what is missing, and what to do about each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from contracts.event import AbsenceReason
from contracts.networks import Network
from contracts.networks.table import ACCOUNT_COUNTER_LABELS, POST_COUNTER_LABELS, allowed
from libs.french import ABSENCES, moment, number, plural, typography
from services.collector.checking.check import Checked, Trouble, TroubleKind
from services.collector.looking.look import Look

NAMES = "OBSERVATOIRE_NETWORK_TOKENS"

SAYS: Mapping[TroubleKind, str] = {
    "no_account": "aucun compte au registre, rien n’a été lu",
    "no_credential": "aucun jeton",
    "credential": "jeton « {about} » refusé ({detail})",
    "permission": "lecture refusée au jeton « {about} » ({detail})",
    "field": "champs refusés : {about}",
    "quota": "quota épuisé pour « {about} » ({detail})",
    "host": "{about} n’est pas joignable ({detail})",
    "unavailable": "{network} ne répond pas ({detail})",
    "gone": "compte d’exemple introuvable ({detail})",
}

TO_DO: Mapping[TroubleKind, Sequence[str]] = {
    "no_account": ("Donnez une adresse de compte : observatoire live check --account ADRESSE.",),
    "no_credential": (),
    "credential": (
        "Il a expiré, a été révoqué ou est mal recopié : faites-en un nouveau chez {network}.",
        f"Mettez-le dans {NAMES}, sous le nom « {{about}} ».",
        "Relancez le collecteur, puis ce contrôle.",
    ),
    "permission": (
        "Dans la console de {network}, vérifiez ce que le jeton peut lire{permissions}.",
        (
            "Si une permission a été retirée ou n’est pas encore accordée, redemandez-la "
            "(docs/live.md dit quoi répondre), puis faites un nouveau jeton : l’ancien n’en hérite "
            "pas."
        ),
        "Si c’est ce compte seul qui est refusé, essayez-en un autre par --account.",
    ),
    "field": (
        "Rien d’urgent : ces compteurs seront absents, « non permis », et le reste est lu.",
        "Pour les avoir, demandez la permission correspondante à {network}.",
    ),
    "quota": (
        "Attendez la reprise, et relancez ce contrôle.",
        f"Si cela revient chaque jour, ajoutez un second jeton à {NAMES} : « {{slug}}-2 ».",
    ),
    "host": (
        (
            "Ouvrez la sortie HTTPS (port 443) vers {about} : pare-feu, règles de sortie du "
            "cluster, liste du proxy."
        ),
        (
            "Derrière un proxy, dites-le : OBSERVATOIRE_HTTPS_PROXY ; s’il a sa propre autorité de "
            "certification : OBSERVATOIRE_CA_FILE."
        ),
    ),
    "unavailable": ("Réessayez dans quelques minutes ; voyez la page d’état de {network}.",),
    "gone": (
        (
            "Vérifiez l’adresse du compte : renommé, fermé, ou d’un genre que {network} ne montre "
            "pas ({not_seen})."
        ),
        "Essayez-en un autre : observatoire live check --account ADRESSE.",
    ),
}


def show_checked(checked: Checked, console: Console) -> None:
    """Print a network: one line for the whole, then what is read, then what to do."""
    console.print(Text(f"\n{_title(checked)}", style="bold green" if checked.read else "bold"))
    for line in _lines(checked):
        console.print(typography(f"   {line}"), highlight=False, markup=False, soft_wrap=True)
    for trouble in checked.troubles:
        says, steps = told(trouble, checked.network)
        console.print(f"   → {says}", highlight=False, markup=False, soft_wrap=True)
        for rank, step in enumerate(steps, 1):
            console.print(f"      {rank}. {step}", highlight=False, markup=False, soft_wrap=True)


def told(trouble: Trouble, network: Network) -> tuple[str, list[str]]:
    """Return what is said of a trouble, and the steps that mend it."""
    needed = ", ".join(network.permissions)
    words = {
        "network": network.name,
        "slug": network.slug,
        "about": trouble.about,
        "detail": trouble.detail,
        "not_seen": network.not_seen,
        "permissions": f" : il faut {needed}" if needed else "",
    }
    steps = [step.format(**words) for step in TO_DO[trouble.kind]]
    if trouble.kind == "no_credential":
        steps = [step.format(permissions=needed) for step in network.obtaining]
        steps += [f'Écrivez {NAMES}=\'{{"{network.slug}": "…"}}\', et relancez ce contrôle.']
    said = SAYS[trouble.kind].format(**words)
    return typography(f"{network.name} : {said}."), [typography(step) for step in steps]


def summary(checked: Iterable[Checked]) -> str:
    """Return the last line: how many networks that have accounts are read."""
    wanted = [one for one in checked if one.accounts and not one.network.by_owner]
    read = [one.network.name for one in wanted if one.read]
    unread = [one.network.name for one in wanted if not one.read]
    said = f"{plural(len(read), 'réseau lisible', 'réseaux lisibles')} sur {len(wanted)}"
    left = f" ; illisible{'s' if len(unread) > 1 else ''} : {', '.join(unread)}" if unread else ""
    return typography(f"{said} qui ont des comptes{left}.")


def _title(checked: Checked) -> str:
    if checked.network.by_owner:
        state = "lu des seuls comptes que leur titulaire a connectés"
    elif checked.read:
        state = "lisible"
    elif checked.used:
        state = "illisible" if checked.accounts else "non vérifié"
    else:
        state = "non utilisé (ni compte, ni jeton)"
    count = (
        f", {plural(checked.accounts, 'compte')} à lire"
        if checked.used and checked.accounts
        else ""
    )
    return typography(f"{checked.network.name} : {state}{count}")


def _lines(checked: Checked) -> list[str]:
    network = checked.network
    lines = [f"Hôtes à ouvrir : {', '.join(network.hosts) or 'ceux des comptes'}"]
    if checked.reached:
        lines[0] += f" (joints : {', '.join(checked.reached)})"
    quotas = allowed(network)
    for name in checked.credentials:
        left = checked.quota_left(name)
        state = "accepté" if checked.accepted(name) else "non vérifié ou refusé"
        lines.append(
            f"Jeton « {name} » : {state}, reste "
            f"{number(left) if left is not None else 'non dit'} sur {quotas}"
        )
    if (look := checked.read) is not None:
        lines += _read(look, network)
    return lines


def _read(look: Look, network: Network) -> list[str]:
    """Say what was read of the example, counter by counter, and what was not and why."""
    seen, missing = _fields(look, network)
    topics = Counter(topic.name for topic, _ in look.events)
    account = look.account
    followers = f", {number(account.followers)} abonnés" if account and account.followers else ""
    latest = f", la dernière du {moment(look.posts[0].published_at)}" if look.posts else ""
    lines = [
        f"Champs lus : {', '.join(seen) or 'aucun'}",
        (
            f"Exemple : {look.identity.address}{followers}, "
            f"{plural(len(look.posts), 'publication')}{latest}"
        ),
        "Événements : " + ", ".join(f"{name} × {count}" for name, count in topics.items()),
    ]
    return lines + ([f"Non lus : {', '.join(missing)}"] if missing else [])


def _fields(look: Look, network: Network) -> tuple[list[str], list[str]]:
    """Return the counters that were seen, and those that were not with the reason."""
    seen: list[str] = []
    missing: list[str] = []
    if (account := look.account) is not None:
        for name in network.account_counters:
            _sort(ACCOUNT_COUNTER_LABELS[name], account.absent.get(name), seen, missing)
    for name in network.post_counters if look.posts else ():
        reasons: set[AbsenceReason | None] = {post.absent.get(name) for post in look.posts}
        why = None if None in reasons else next(iter(reasons))
        _sort(POST_COUNTER_LABELS[name], why, seen, missing)
    return seen, missing


def _sort(label: str, why: AbsenceReason | None, seen: list[str], missing: list[str]) -> None:
    if why is None:
        seen.append(label)
    else:
        missing.append(f"{label} ({ABSENCES[why]})")
