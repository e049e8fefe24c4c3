"""The catchers as one process: SMTP on one port; other channels, JSON and the page on another."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from libs.browsers import LOCAL
from libs.clock import Clock
from simulation.catchers.closed import Closed
from simulation.catchers.faults import Faults
from simulation.catchers.messages import Tray
from simulation.catchers.routes import Routes
from simulation.catchers.smtp import MailCatcher, protocol


class Catchers:
    """The service: keeps mails and messages, shows them, fails when told."""

    name = "catchers"

    def __init__(
        self,
        smtp_port: int,
        clock: Clock,
        folder: Path | None = None,
        host: str = "127.0.0.1",
        names: Sequence[str] = (),
    ) -> None:
        """Prepare; messages are kept in ``folder`` when there is one.

        They answer by the machine's own names and by ``names``.
        """
        self._names = (*LOCAL, *names)
        self._smtp_port = smtp_port
        self._host = host
        self._tray = Tray(folder)
        faults: defaultdict[str, Faults] = defaultdict(Faults)
        self._mails = MailCatcher(self._tray, faults["mail"], clock)
        self._routes = Routes(self._tray, faults, clock)
        self._server: asyncio.Server | None = None

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the page, of the JSON and of channels."""
        closed = Middleware(Closed, names=self._names)
        return [Mount("/", routes=self._routes.table(), middleware=[closed])]

    async def start(self) -> None:
        """Listen for mails."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: protocol(self._mails), self._host, self._smtp_port
        )

    async def stop(self) -> None:
        """Take no more mails."""
        if self._server is not None:
            self._server.close()

    def failures(self) -> dict[str, str]:
        """Return what is not well: the mail server, when it does not listen."""
        listening = self._server is not None and self._server.is_serving()
        return {} if listening else {"smtp": "not listening"}

    unready = failures

    def stalled(self) -> dict[str, str]:
        """Return nothing: it waits for requests alone."""
        return {}
