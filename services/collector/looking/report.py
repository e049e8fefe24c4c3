"""What one look found, in French, for a person: figures, what is not seen, and why."""

from textwrap import shorten

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from contracts.accounts import AccountObserved
from contracts.jobs import CAUSES, Operation
from contracts.networks import BY_SLUG, Network
from contracts.networks.table import ACCOUNT_COUNTER_LABELS, POST_COUNTER_LABELS
from contracts.posts import KIND_LABELS, PostObserved
from libs.french import ABSENCES, NO_BREAK, UNKNOWN, moment, number, plural
from services.collector.looking.look import Look

MOST_POSTS = 15
LONGEST_DETAIL = 160
"""Posts that a report lists, and characters of why a step failed."""

OPERATIONS: dict[Operation, str] = {
    "profile": "compteurs du compte",
    "posts": "publications",
    "uploads": "publications plus anciennes",
    "readings": "compteurs des publications",
    "feed": "flux",
    "mentions": "mentions",
}
ACCOUNT_LABELS = {name: label.capitalize() for name, label in ACCOUNT_COUNTER_LABELS.items()}


def show(look: Look, console: Console) -> None:
    """Print what a look found."""
    network = BY_SLUG[look.identity.network]
    console.print(Group(*_parts(look, network)))


def _parts(look: Look, network: Network) -> list[RenderableType]:
    account = look.account
    title = Text(f"{network.name}{NO_BREAK}: {look.identity.address}", style="bold")
    parts: list[RenderableType] = [title, Text(f"Observé le {moment(look.at)} (heure de Paris).\n")]
    if account is not None:
        parts.append(_account(account, network))
    if look.posts:
        parts.append(_posts(look.posts, network))
    elif any(
        step.operation in ("posts", "feed") and step.parsed.cause == "done" for step in look.steps
    ):
        parts.append(Text("Aucune publication dans les 30 derniers jours."))
    parts.append(_not_seen(look, network))
    parts.append(_requests(look))
    return parts


def _account(account: AccountObserved, network: Network) -> Table:
    table = Table(title=account.name or account.handle, title_justify="left", show_header=False)
    table.add_column("compteur")
    table.add_column("valeur", justify="right")
    for counter in network.account_counters:
        value: int | None = getattr(account, counter)
        absent = account.absent.get(counter)
        shown = number(value) if absent is None else f"{UNKNOWN}  ({ABSENCES[absent]})"
        table.add_row(ACCOUNT_LABELS[counter], shown)
    table.add_row("Identifiant", account.native_id or UNKNOWN)
    return table


def _posts(posts: list[PostObserved], network: Network) -> Table:
    shown = posts[:MOST_POSTS]
    counted = plural(len(posts), "publication lue", "publications lues")
    table = Table(title=counted, title_justify="left")
    table.add_column("publiée le", no_wrap=True)
    table.add_column("genre", no_wrap=True)
    for counter in network.post_counters:
        table.add_column(POST_COUNTER_LABELS[counter], justify="right")
    for post in shown:
        counters = [number(getattr(post, counter)) for counter in network.post_counters]
        published = Text(moment(post.published_at))
        if post.address:
            # The date leads to the post, in terminals that follow links.
            published.stylize(f"link {post.address}")
        table.add_row(published, KIND_LABELS[post.kind], *counters)
    if len(posts) > len(shown):
        table.caption = f"… et {number(len(posts) - len(shown))} autres"
    return table


def _not_seen(look: Look, network: Network) -> Text:
    """Say what could not be seen, and why: never silent, never a zero."""
    lines = [f"Ce que nous ne voyons pas de ce réseau{NO_BREAK}: {network.not_seen}."]
    lines += [
        f"Non observé, faute de jeton{NO_BREAK}: {OPERATIONS[operation]}."
        for operation in dict.fromkeys(look.without_token)
    ]
    absent: dict[str, set[str]] = {}
    for post in look.posts:
        for counter, reason in post.absent.items():
            if counter in network.post_counters:
                what = f"{POST_COUNTER_LABELS[counter]} ({ABSENCES[reason]})"
                absent.setdefault(what, set()).add(post.post)
    lines += [
        f"Absents sur {plural(len(posts), 'publication')}{NO_BREAK}: {what}."
        for what, posts in absent.items()
    ]
    skipped: dict[str, int] = {}
    for step in look.steps:
        for why, count in step.parsed.skipped.items():
            skipped[why] = skipped.get(why, 0) + count
    lines += [f"Laissés de côté ({SKIPPED.get(why, why)}){NO_BREAK}: {number(count)}."
              for why, count in skipped.items()]  # fmt: skip
    return Text("\n" + "\n".join(lines))


SKIPPED = {
    "repost of somebody else's post": "repartages d’autrui",
    "boost of somebody else's post": "partages d’autrui",
    "post of somebody else": "publications d’autrui",
    "reply": "réponses",
    "reply to somebody else": "réponses à autrui",
    "not due": "plus de 30 jours",
    "not public": "non publiques",
    "entry without an address": "sans adresse",
}


def _requests(look: Look) -> Table:
    table = Table(title="Demandes faites", title_justify="left", show_edge=False)
    table.add_column("pour")
    table.add_column("résultat")
    table.add_column("détail", overflow="fold")
    for step in look.steps:
        more = "d’autres pages existent" if step.parsed.next_cursor else ""
        detail = shorten(step.parsed.detail or more, LONGEST_DETAIL, placeholder="…")
        table.add_row(OPERATIONS[step.operation], CAUSES[step.parsed.cause].brief, detail)
    return table
