"""Ports that are drawn for parts: no two demonstrations, nor tests, are given one at once."""

import subprocess
import sys

from deploy.local.supervision import children

FEW = range(20_000, 20_032)
DRAW = (
    "import sys; from deploy.local.supervision import children as c;"
    f"c.PORTS = {FEW!r}; print(*[c.free_port() for _ in range(8)], flush=True); sys.stdin.read()"
)


def test_a_port_is_given_once_while_who_drew_it_lives(monkeypatch):
    """Mails of two lines that began together were to be caught on one port, now and then."""
    monkeypatch.setattr(children, "PORTS", FEW)
    ours = [children.free_port() for _ in range(8)]
    drawing = [sys.executable, "-c", DRAW]
    with subprocess.Popen(drawing, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout
        assert other.stdin
        theirs = [int(port) for port in other.stdout.readline().split()]
        assert len({*ours, *theirs}) == 16
        other.stdin.close()
    again = [children.free_port() for _ in range(16)]
    assert not {*again} & {*ours}
    assert {*again} & {*theirs}, "who has gone holds nothing"
