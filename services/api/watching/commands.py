"""`observatoire watches`: those there are; paused and resumed by whoever is on call."""

import sys
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from libs.settings import Settings

if TYPE_CHECKING:
    from contracts.watches import Watched
    from services.api.store import Store
    from services.api.store.watches import WatchState


@click.group()
def watches() -> None:
    """List watches, pause and resume them."""


@watches.command("list")
@click.option("--territory", help="Those of one territory (its code) only.")
@click.option("--state", type=click.Choice(["active", "paused"]))
def list_watches(territory: str | None, state: str | None) -> None:
    """Print the watches: id, state, territory, name, and how many are told by which channel."""
    from contracts.channels import BY_SCHEME

    with _opened() as store:
        found = store.watches.of_territory(territory) if territory else store.watches.all()
    kept = [one for one in found if state in (None, one.state)]
    for one in kept:
        told = Counter(recipient.address.partition(":")[0] for recipient in one.recipients)
        by = ", ".join(f"{BY_SCHEME[scheme].label} {count}" for scheme, count in told.items())
        click.echo(f"{one.watch}\t{one.state}\t{one.territory}\t{one.name}\t{by or 'nobody'}")
    click.echo(f"{len(kept)} watches")


@watches.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Every active watch.")
def pause(ids: Sequence[str], everyone: bool) -> None:
    """Pause watches: what is said meanwhile is read, and told to nobody.

    Prints the ids of those that it paused: give them to `resume`. Ends with 1 where it paused none.
    """
    _move(ids, "paused", "active", everyone=everyone)


@watches.command()
@click.argument("ids", nargs=-1, required=True)
def resume(ids: Sequence[str]) -> None:
    """Resume watches that are paused. Ends with 1 where it resumed none."""
    _move(ids, "active", "paused", everyone=False)


def _move(ids: Sequence[str], to: "WatchState", since: "WatchState", *, everyone: bool) -> None:
    from services.api.store.errors import TransitionError, UnknownError

    moved = missed = 0
    with _opened() as store:
        if bool(ids) == everyone:
            raise click.UsageError("name watches, or say --all")
        for one in _chosen(store, ids):
            if one is None or one.state != since:
                missed += not everyone
                continue
            try:
                store.watches.move(one.watch, to)
            except (TransitionError, UnknownError) as error:
                missed += 1
                click.echo(f"{one.watch}: {error!r}", err=True)
                continue
            moved += 1
            click.echo(one.watch)
    click.echo(f"{moved} watches {to}, {missed} not ({since} ones only)", err=True)
    sys.exit(missed > 0 or moved == 0)


def _chosen(store: "Store", ids: Sequence[str]) -> Iterator["Watched | None"]:
    if not ids:
        yield from store.watches.all()
    for one in ids:
        yield store.watches.get(one)


@contextmanager
def _opened() -> Generator["Store"]:
    from services.api.store.opening import store_of

    store = store_of(Settings())
    try:
        yield store
    finally:
        store.close()
