"""The one command, noun then verb: `observatoire demo up`, `observatoire score month`…"""

from importlib import import_module
from typing import Any

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "accounts": ("services.api.census.commands:accounts", "the registry of accounts"),
    "alerts": ("services.alerts.commands:alerts", "run the alert service"),
    "api": ("services.api.commands:api", "run the api and the portal"),
    "backup": ("deploy.backup.commands:backup", "keep what cannot be made again"),
    "channels": ("services.alerts.commands:channels", "try a channel by a message"),
    "collect": ("services.collector.commands:collect", "observe an account now"),
    "collector": ("services.collector.commands:collector", "run the collector"),
    "contracts": ("deploy.generation.commands:contracts", "write or check what is generated"),
    "dead-letters": (
        "services.scorer.dead_letter_commands:dead_letters",
        "list, show, replay, drop dead letters",
    ),
    "demo": ("deploy.local.commands:demo", "the whole line on this machine"),
    "doctor": ("deploy.doctor.commands:doctor", "name what is wrong, with what to do"),
    "egress": ("services.collector.checking.commands:egress", "whom this installation connects to"),
    "engine": ("services.scorer.commands:engine", "migrate ClickHouse"),
    "erasures": ("services.api.rights.erasing:erasures", "erase somebody, for good"),
    "groups": ("services.api.operations.commands:groups", "who reads the topics, how far behind"),
    "grafana": ("libs.grafana.commands:grafana", "push the dashboards to Grafana"),
    "live": ("services.collector.commands:live", "what can be read, before the first live day"),
    "rebuild": ("deploy.backup.commands:rebuild", "make the tables from the topics again"),
    "restore": ("deploy.backup.commands:restore", "fill empty stores from a backup"),
    "registry": (
        "services.api.census.registry_commands:registry",
        "take over the registry of another installation",
    ),
    "reports": ("services.api.report_commands:reports", "the pages for elected officials"),
    "score": ("services.scorer.score_commands:score", "compute the scores of a month"),
    "scorer": ("services.scorer.commands:scorer", "run the scorer"),
    "secrets": ("deploy.secrets.commands:secrets", "make the secrets of an installation"),
    "territories": ("deploy.registry.commands:territories", "the registry of territories"),
    "topics": ("libs.wire.commands:topics", "create the topics on the broker"),
    "verify": ("libs.verify.commands:verify", "check the published text of a month"),
    "watches": ("services.api.watching.commands:watches", "list watches, pause them"),
    "world": ("simulation.commands:world", "the invented France and its networks"),
}

UNREACHABLE = {
    "aiokafka.KafkaConnectionError": "Kafka",
    "clickhouse_connect.OperationalError": "ClickHouse",
}
"""Names of the clients' errors: their modules are imported by the commands that need them."""
MISCONFIGURED = "pydantic_core.ValidationError"
UNTOLD = {"libs.UntoldInstallation", "libs.MissingSetting", "libs.WrongAddress"}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called: every start stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the nouns."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command of a noun."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        return getattr(import_module(module), name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a wrong setting, a broker or an engine away are one sentence."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            settings = getattr(error, "title", "") == "Settings"
            if _named(type(error)) in UNTOLD or (_named(type(error)) == MISCONFIGURED and settings):
                # The text alone: what was given may be a secret.
                raise click.ClickException(str(error)) from None
            if (part := UNREACHABLE.get(_named(type(error)))) is None:
                raise
            raise click.ClickException(
                f"{part} does not answer: {error}\n"
                "Its address is a setting (KAFKA_URL, CLICKHOUSE_URL). For the demonstration that "
                'runs in this folder: eval "$(.venv/bin/observatoire demo env)"'
            ) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the nouns with their line each, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(noun, COMMANDS[noun][1]) for noun in self.list_commands(ctx)])


def _named(error: type[Exception]) -> str:
    return f"{error.__module__.partition('.')[0]}.{error.__name__}"


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="observatoire")
def main() -> None:
    """Observatoire: the open observatory of the social media of French local authorities."""
