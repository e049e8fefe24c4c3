"""The portal on a port of this machine, for real browsers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from libs.process import application
from services.api.app import Api
from tests.deadlines import until_now


@contextmanager
def served(service: Api, port: int) -> Iterator[str]:
    """Serve it while the context lasts; gives its address."""
    config = uvicorn.Config(application(service), port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    until_now(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    serving.join(10)
