"""Whether a part answers, and what it says of itself when it is not ready."""

import urllib.error
import urllib.request

from deploy.local.children import listening


def answers(port: int, ready: str | None) -> bool:
    """Whether a part listens, and its readiness address answers 200 when it has one."""
    if not listening(port):
        return False
    if ready is None:
        return True
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def says(port: int, ready: str | None) -> str:
    """What a part that is not ready says of itself at its readiness address, on one line."""
    if ready is None:
        return ""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5):
            return ""
    except urllib.error.HTTPError as refusal:
        return " ".join(refusal.read(400).decode(errors="replace").split())
    except OSError:
        return ""
