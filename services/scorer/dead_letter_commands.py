"""`observatoire dead-letters`: look at records that could not be used, give back, or forget."""

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from contracts.dead_letters import DeadLetter
    from services.scorer.intake.replay import DeadLetters


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at records that could not be used, and give them back."""


TOPIC = click.option("--topic", help="Only those of one topic, such as posts.observed.v1.")


@dead_letters.command("list")
@TOPIC
@click.option("--limit", default=20, show_default=True, help="How many are shown; all are counted.")
def list_letters(topic: str | None, limit: int) -> None:
    """Show the dead letters: where they stood, who refused them, why, how often they came back."""

    async def show() -> None:
        counts: Counter[tuple[str, str]] = Counter()
        places: set[str] = set()
        async for letter in _letters(topic).list():
            counts[letter.topic, letter.consumer] += 1
            places.add(letter.place)
            if counts.total() <= limit:
                click.echo(
                    f"{letter.failed_at:%Y-%m-%d %H:%M:%S}  "
                    f"{letter.place}  {letter.consumer}  "
                    f"replays: {letter.replays}  {letter.reason}"
                )
        for (origin, consumer), count in sorted(counts.items()):
            click.echo(f"{origin}: {count} refused by {consumer}")
        click.echo(f"{len(places)} records refused: {counts.total()} dead letters, one a reader")

    asyncio.run(show())


@dead_letters.command("show")
@click.argument("place")
def show_letter(place: str) -> None:
    """Print a dead letter whole: PLACE is where its record stood, as `list` prints it."""

    async def find() -> "DeadLetter | None":
        async for letter in _letters().list():
            if place == letter.place:
                return letter
        return None

    letter = asyncio.run(find())
    if letter is None:
        raise click.ClickException(f"no dead letter of {place}: `list` prints those there are")
    for name in ("failed_at", "consumer", "reason", "replays", "record_key", "cut_from"):
        click.echo(f"{name}: {getattr(letter, name)}")
    click.echo(letter.record.decode(errors="backslashreplace"))


@dead_letters.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(yes: bool) -> None:
    """Forget, for good, all the dead letters that there are now, after showing how many."""
    letters = _letters()

    async def count() -> Counter[str]:
        return Counter([letter.topic async for letter in letters.list()])

    counts = asyncio.run(count())
    for origin, number in sorted(counts.items()):
        click.echo(f"{origin}: {number}")
    if not yes:
        click.confirm(
            f"Forget these {counts.total()} letters? None can be replayed then", abort=True
        )
    dropped = asyncio.run(letters.drop())
    click.echo(f"{dropped} records dropped")
    sys.exit(not dropped)


@dead_letters.command()
@TOPIC
@click.option("--dry-run", is_flag=True, help="Count, and give nothing back.")
def replay(topic: str | None, dry_run: bool) -> None:
    """Give the dead letters not yet replayed back to the topics that they came from."""
    from contracts.dead_letters import MOST_REPLAYS

    letters = _letters(topic)
    done = asyncio.run(letters.replay(dry_run=dry_run))
    for origin, count in sorted(done.replayed.items()):
        click.echo(f"{origin}: {count} {'would be replayed' if dry_run else 'replayed'}")
    for origin, count in sorted(done.given_up.items()):
        click.echo(
            f"{origin}: {count} given up: refused after {MOST_REPLAYS} replays, or too large"
        )
    would = "would be " if dry_run else ""
    click.echo(
        f"{done.replayed.total()} {would}replayed, {done.given_up.total()} given up, "
        f"{done.repeated} repeated, {len(done.unreadable)} unreadable"
    )


def _letters(topic: str | None = None) -> "DeadLetters":
    from libs.settings import Settings
    from services.scorer.intake.replay import DeadLetters

    settings = Settings()
    return DeadLetters(settings.kafka_url, settings.namespace, topic)
