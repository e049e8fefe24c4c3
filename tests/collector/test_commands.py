"""`observatoire collect account`: one look, in French, with what is not seen and why."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from rich.console import Console

from contracts.addresses import Identity
from contracts.jobs import CAUSES
from contracts.topics import ACCOUNTS_OBSERVED
from libs.french import ABSENCES
from services.collector.commands import account
from services.collector.looking.look import Look, Step
from services.collector.looking.report import show
from services.collector.readers.reader import Parsed
from tests.events import account_observed

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
PROFILE = {"profiles": [{"did": "did:plc:a", "handle": "ville.example", "displayName": "Ville",
                         "followersCount": 4312, "followsCount": 3, "postsCount": 1}]}  # fmt: skip
FEED = {"feed": [{"post": {
    "uri": "at://did:plc:a/app.bsky.feed.post/3k1", "author": {"did": "did:plc:a", "handle": "v"},
    "record": {"text": "Bonjour", "createdAt": datetime.now(UTC).isoformat()},
    "indexedAt": datetime.now(UTC).isoformat(), "likeCount": 7, "repostCount": 0, "replyCount": 0,
}}]}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """Answers as a Bluesky of one account."""

    def do_GET(self) -> None:
        body = PROFILE if "getProfiles" in self.path else FEED
        status = 200
        if self.headers["Host"] == "graph.facebook.com":
            body, status = {"error": {"message": "Invalid user id", "code": 110}}, 400
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def via() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def collect(via: str, address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = "from services.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", command, "collect", "account", address],
        env={**os.environ, "NETWORKS_VIA": via, "COLUMNS": "100", "PYTHONUTF8": "1", **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_an_account_is_observed_and_told_in_french(via):
    done = collect(via, "https://bsky.app/profile/ville.example")
    assert done.returncode == 0, done.stderr
    for words in ("4\u202f312", "Abonnés", "1\u00a0publication lue", "Ce que nous ne voyons pas",
                  "citations (ce réseau ne le publie pas)"):  # fmt: skip
        assert words in done.stdout, done.stdout
    assert done.stderr == ""


def test_who_is_not_found_is_told_and_fails(via):
    done = collect(
        via, "https://www.instagram.com/ville/", OBSERVATOIRE_NETWORK_TOKENS='{"instagram":"tok"}'
    )
    assert done.returncode == 1
    assert CAUSES["gone"].brief in done.stdout
    assert "tok" not in done.stdout.replace("token", "")


def test_a_network_without_token_says_so(via):
    done = collect(via, "https://www.facebook.com/ville.example")
    assert done.returncode == 1
    assert "faute de jeton" in done.stdout


@pytest.mark.parametrize("address", ["https://t.me/ville", "mairie@ville.fr", "https://ville.fr/"])
def test_what_is_no_observed_account_is_refused_with_a_sentence(address):
    done = CliRunner().invoke(account, [address])
    assert done.exit_code == 2
    assert done.output.strip().endswith(".")


NOT_PUBLISHED = dict.fromkeys(("following", "posts", "likes", "views"), "not_published")


def test_a_hidden_counter_says_why():
    seen = account_observed(
        at=NOW, network="youtube", followers=None, absent={"followers": "hidden"} | NOT_PUBLISHED
    )
    look = Look(Identity("youtube", "https://www.youtube.com/@v", "@v"), NOW)
    parsed = Parsed("done", events=((ACCOUNTS_OBSERVED, seen),))
    look.steps.append(Step("profile", parsed, 1))
    out = io.StringIO()
    show(look, Console(file=out, width=100))
    assert ABSENCES["hidden"] in out.getvalue()
