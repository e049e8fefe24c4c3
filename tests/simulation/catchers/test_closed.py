"""The catchers are for programs of this machine and for their own pages."""

import json

import pytest

from simulation.catchers.posted import LARGEST_BODY
from tests.conftest import Catchers
from tests.suites.closed import FOREIGN, REBOUND, status

HOOK = "/catch/slack/services/T/B/secret"
MESSAGE = b'{"text": "of another site"}'
ACTS = [("POST", HOOK), ("POST", "/faults"), ("DELETE", "/messages"), ("PUT", "/catch/pigeon/1")]


@pytest.mark.parametrize("host", REBOUND.values(), ids=REBOUND)
@pytest.mark.parametrize("path", ["/", "/messages"])
def test_they_answer_by_their_names_only(catchers, host, path):
    assert status(catchers.url, "GET", path, {"Host": host}) in (400, 421)
    assert status(catchers.url, "GET", path, {"Host": "localhost:1"}) == 200


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize(("method", "path"), ACTS)
def test_a_page_of_another_site_does_nothing(catchers, headers, method, path):
    catchers.http.post(HOOK, json={"text": "ours"})
    assert status(catchers.url, method, path, headers, MESSAGE) == 403
    assert [message["text"] for message in catchers.messages()] == ["ours"]


def test_their_own_page_may_clear_them(catchers):
    catchers.http.post(HOOK, json={"text": "ours"})
    headers = {"Origin": catchers.url, "Sec-Fetch-Site": "same-origin"}
    assert catchers.http.delete("/messages", headers=headers).status_code == 204
    assert catchers.messages() == []


def section(text: object) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


SHOWN = {
    "NUL": {
        "text": "\0",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "\0"}}],
    },
    "a place of a link": {"text": "\x007\x00 <https://a.example|\x000\x00>"},
    "a list": ["a", 1, None],
    "a text": "seul",
    "a number": 7,
    "blocks that are none": {"text": "a", "blocks": 5},
    "a block that is none": {"text": "a", "blocks": [7, "a", None]},
    "a text that is none": {"blocks": [section(7)]},
    "fields that are none": {"blocks": [{"type": "section", "fields": "abc"}]},
    "elements that are none": {"blocks": [{"type": "actions", "elements": 7}]},
    "a button without text": {"blocks": [{"type": "actions", "elements": [{"type": "button"}]}]},
    "a context": {"blocks": [{"type": "context", "elements": [{"text": {"text": "a"}}]}]},
    "marks without end": {"text": "*" * 3_000 + "_~`" * 300},
    "right to left": {"text": "\u202e\u2066<&amp;lt;>"},
}


@pytest.mark.parametrize("payload", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("scheme", ["slack", "mail", "inbox", "layout", "..%2f"])
def test_whatever_is_kept_is_shown(catchers, payload, scheme):
    posted = catchers.http.post(f"/catch/{scheme}/1", content=json.dumps(payload))
    assert posted.status_code == 200
    for path in ("/", "/messages", f"/messages/{catchers.messages()[-1]['number']}"):
        assert catchers.http.get(path).status_code == 200


def test_a_button_leads_to_pages_only(catchers):
    button = {"type": "button", "text": {"text": "x"}, "url": "javascript:alert(1)"}
    payload = {"blocks": [{"type": "actions", "elements": [button]}]}
    catchers.http.post(HOOK, json=payload)
    page = catchers.http.get(f"/messages/{catchers.messages()[0]['number']}").text
    assert 'href="javascript' not in page


REFUSED = {
    "nothing": b"",
    "null": b"null",
    "no JSON": b"\x00\xff\xfe",
    "no UTF-8": b'{"text": "\xe9"}',
    "NaN, which is not JSON": b'{"text": NaN}',
    "half a character": b'{"text": "\\ud800"}',
    "a number without end": b"9" * 5_000,
    "deep": b"[" * 60 + b"]" * 60,
    "too deep to be read": b'{"a":' * 100_000,
    "large": json.dumps({"text": "a" * LARGEST_BODY}).encode(),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("path", [HOOK, "/faults"])
def test_what_is_no_message_is_refused_and_spoils_no_page(catchers: Catchers, body, path):
    assert catchers.http.post(path, content=body).status_code == 400
    assert catchers.messages() == []
    assert catchers.http.get("/").status_code == 200
