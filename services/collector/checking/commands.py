"""`observatoire egress`: whom an installation connects to."""

import asyncio

import click

from libs.settings import Settings


@click.command()
@click.option("--accounts", "of_accounts", is_flag=True, help="Read the registry on Kafka too.")
def egress(of_accounts: bool) -> None:
    """Print whom this installation connects to, for a firewall: who asks, host, port, what for.

    Networks that wait for a credential are left out; where a network has as many hosts as its
    accounts (Mastodon, PeerTube, feeds) `any` stands, or with --accounts those of the registry.
    """
    from services.collector.checking.egress import destinations

    settings = Settings()
    accounts = asyncio.run(_hosts_of_accounts(settings)) if of_accounts else {}
    for one in destinations(settings, accounts):
        click.echo(f"{one.who}\t{one.host}\t{one.port}\t{one.why}")


async def _hosts_of_accounts(settings: Settings) -> dict[str, set[str]]:
    from services.collector.checking.registry import registered
    from services.collector.looking.look import subject_of
    from services.collector.networks import reader_of

    found = await registered(settings.wire("egress"))
    return {
        network: {reader_of(network).host(subject_of(one)) for one in accounts}
        for network, accounts in found.items()
    }
