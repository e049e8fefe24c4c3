"""The commands of the alert service."""

import click


@click.group()
def alerts() -> None:
    """Match what is said with the watches, decide, deliver."""


@alerts.command("run")
@click.option(
    "--session-timeout-ms",
    type=click.IntRange(1_000, 300_000),
    default=10_000,
    show_default=True,
    help="How long a dead instance keeps its share of the work.",
)
def run_alerts(session_timeout_ms: int) -> None:
    """Run the service until SIGTERM."""
    from services.alerts.app import build
    from services.process import Settings, run

    settings = Settings()
    run(lambda: build(settings, session_timeout_ms=session_timeout_ms), settings)
