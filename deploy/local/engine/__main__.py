"""Serve one chDB folder: ``python -m deploy.local.engine --folder … --port …``."""

import asyncio
import logging
import os
import signal
from pathlib import Path

import click
from aiohttp import web

from deploy.local.engine.handles import Limits
from deploy.local.engine.server import Service


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, help="Folder of the data."
)
@click.option("--port", type=int, required=True, help="Port to listen on, on this machine only.")
@click.option("--memory", type=int, default=2000, show_default=True, help="MB for one statement.")
@click.option(
    "--seconds", type=int, default=60, show_default=True, help="Seconds for one statement."
)
def main(folder: Path, port: int, memory: int, seconds: int) -> None:
    """Serve until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    folder.mkdir(parents=True, exist_ok=True)
    service = Service(folder, Limits(max(2, os.cpu_count() or 2), memory * 1_000_000, seconds))
    asyncio.run(_serve(service.application(), port))


async def _serve(app: web.Application, port: int) -> None:
    ended = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, ended.set)
    # Bodies stay as they came: their encodings are ours to read, off the event loop.
    runner = web.AppRunner(app, auto_decompress=False, access_log=None, shutdown_timeout=10)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await ended.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main()
