"""Nothing outlives a test session, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.deadlines import until_now

SESSION = """
import signal, subprocess, sys, time
from tests.guardian import Guardian
# Run in the background, a session is born ignoring what a terminal would send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
guardian = Guardian()
null = subprocess.DEVNULL
sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
beside = (
    f"import subprocess;"
    f"print(subprocess.Popen({sleeps}, stdout={null}, start_new_session=True).pid)"
)
print(subprocess.check_output([sys.executable, "-c", beside], text=True), flush=True)
if sys.argv[1] == "end":
    guardian.release()
else:
    time.sleep(600)
"""


def in_the_background() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, "end"])
def test_what_a_session_left_beside_ends_with_it(how):
    word = how if isinstance(how, str) else "wait"
    with subprocess.Popen(
        [sys.executable, "-c", SESSION, word],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=in_the_background,
        cwd=Path(__file__).parents[1],
    ) as session:
        beside = psutil.Process(int(session.stdout.readline()))
        assert beside.ppid() != session.pid, "nobody's child"
        if isinstance(how, signal.Signals):
            session.send_signal(how)
    until_now(lambda: not beside.is_running() or beside.status() == psutil.STATUS_ZOMBIE)
