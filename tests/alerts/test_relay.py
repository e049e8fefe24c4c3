"""Postfix as the relay between the couriers and a mail server, as most installations have one.

What the relay accepted is ours no more: it waits in its queue while the server behind refuses. Each
mail arrives once; its thread, and the link by which it is left, arrive whole.
"""

import email
import email.policy
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.topics import ALERTS_RAISED
from deploy.local.supervision.children import free_port, listening
from services.alerts.channels.mailto import Mail
from tests.alerts.fakes import MemoryWire
from tests.alerts.test_mail_server import EVENTS, assert_told, happened, logged, process, serving
from tests.deadlines import until, until_now
from tests.debian import installed

pytestmark = pytest.mark.proof

SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(behind: int) -> Iterator[tuple[int, Path]]:
    """Run a Postfix of its own that relays to a port of this machine; yields its port and log."""
    command = installed("postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix begins as root")
    # Its processes run as another user, to whom the folders of tests are closed.
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    port, log = free_port(), folder / "log"
    settings = {
        "compatibility_level": "3.6", "queue_directory": folder / "queue",
        "data_directory": folder / "data", "maillog_file": log, "maillog_file_prefixes": folder,
        "myhostname": "relay.essai.example", "mydestination": "", "alias_maps": "",
        "alias_database": "", "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8", "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "relayhost": f"[127.0.0.1]:{behind}", "smtp_dns_support_level": "disabled",
        "smtp_host_lookup": "native", "minimal_backoff_time": "1s", "queue_run_delay": "1s",
        "maximal_backoff_time": "2s", "transport_retry_time": "1s",
        "smtp_tls_security_level": "none", "smtpd_tls_security_level": "none",
    }  # fmt: skip
    (folder / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
    (folder / "master.cf").write_text(SERVICES.format(port=port))
    owner = pwd.getpwnam("postfix")
    for name in ("queue", "data"):
        (folder / name).mkdir()
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    try:
        subprocess.run([command, "-c", folder, "start"], check=True, capture_output=True)
        until_now(lambda: listening(port), 20)
        yield port, log
    finally:
        subprocess.run([command, "-c", folder, "abort"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


async def test_what_the_relay_takes_arrives_once_and_whole():
    wire = MemoryWire()
    async with serving("refuses") as (server, behind):
        with postfix(behind) as (relay, _):
            async with process(wire, relay, Mail):
                first = [happened(event, 1) for event in range(EVENTS)]
                await wire.keep(ALERTS_RAISED, *first)
                await until(lambda: len(logged(wire)) == EVENTS, 30)
                assert not server.accepted, "the relay has them, and waits for the server behind"
                server.manner = "well"
                await wire.keep(ALERTS_RAISED, *(happened(event, 8) for event in range(EVENTS)))
                await until(lambda: len(server.accepted) == 2 * EVENTS, 60)
    assert_told(wire, server)
    assert server.repeats == 0
    mails = {name: one for name, (one,) in server.copies.items()}
    for event in range(EVENTS):
        told, update = (logged(wire)[f"e{event}-{texts}"] for texts in (1, 8))
        read = email.message_from_bytes(mails[update], policy=email.policy.default)
        assert read["In-Reply-To"] == told
        unsubscribe = [
            line
            for line in mails[update].split(b"\r\n")
            if line.lower().startswith(b"list-unsubscribe:")
        ]
        assert len(unsubscribe) == 1
        assert unsubscribe[0].endswith(b">"), "no relay may fold it"
        assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for kind in ("plain", "html"):
            part = read.get_body((kind,))
            assert part
            assert f"mot{event}" in part.get_content()
