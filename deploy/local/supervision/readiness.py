"""Whether a part answers, and what it says of itself when it is not ready."""

import urllib.error
import urllib.request

from deploy.local.supervision.children import listening


def answers(port: int, ready: str | None) -> bool:
    """Whether a part listens, and its readiness address answers 200 when it has one."""
    return refusal(port, ready) is None


def refusal(port: int, ready: str | None) -> str | None:
    """Return what a part that is not ready says, on one line ('': nothing); None when it is."""
    if not listening(port):
        return ""
    if ready is None:
        return None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5) as answer:
            return None if answer.status == 200 else ""
    except urllib.error.HTTPError as told:
        return " ".join(told.read(400).decode(errors="replace").split())
    except OSError:
        return ""
