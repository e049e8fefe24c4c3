import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from slack_sdk.models import blocks
from slack_sdk.webhook import WebhookClient

from tests.conftest import Catchers

HOOK = "/services/T000/B000/secret"
PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"


def send(catchers: Catchers, subject: str, to: str = "veille@essai.example") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "alertes@observatoire.example"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = "<alert-1@observatoire.example>"
    mail.set_content("14 messages en 20 min — « coupure d’eau »")
    mail.add_alternative(
        '<p>Coupure d’eau</p><script>alert(1)</script><img src="cid:courbe">', "html"
    )
    html = mail.get_payload()[1]
    html.add_related(PIXEL, "image", "gif", cid="<courbe>")
    address = urlsplit(catchers.smtp_url)
    with smtplib.SMTP(address.hostname, address.port) as smtp:
        smtp.send_message(mail)
    return mail


def test_a_mail_is_kept_whole(catchers):
    send(catchers, "[SIMULATION] Coupure d’eau · 14 en 20 min")
    (kept,) = catchers.messages("mail", to="veille@essai.example")
    assert kept["subject"] == "[SIMULATION] Coupure d’eau · 14 en 20 min"
    assert kept["text"].strip() == "14 messages en 20 min — « coupure d’eau »"
    assert kept["message_id"] == "<alert-1@observatoire.example>"
    assert kept["sender"] == "alertes@observatoire.example"
    assert kept["origin"] == "simulation"
    assert catchers.messages(to="autre@essai.example") == []


def test_a_mail_reads_in_a_sandbox(catchers):
    send(catchers, "<b>Objet</b>")
    number = catchers.messages()[0]["number"]
    http = catchers.http
    page = http.get(f"/messages/{number}")
    body = http.get(f"/messages/{number}/html")
    image = http.get(f"/messages/{number}/parts/courbe")
    headers = http.get(f"/messages/{number}", params={"vue": "entetes"})
    raw = http.get(f"/messages/{number}/raw")
    assert "SIMULATION" in page.text
    assert "<b>Objet" not in page.text
    assert "&lt;b&gt;Objet&lt;/b&gt;" in page.text
    policy = body.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert f'src="/messages/{number}/parts/courbe"' in body.text
    assert (image.content, image.headers["Content-Type"]) == (PIXEL, "image/gif")
    assert "Message-ID: &lt;alert-1" in headers.text
    assert b"multipart/alternative" in raw.content


def test_a_planned_refusal_of_mail_passes(catchers):
    catchers.fail("mail", times=2, status=451)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(catchers, "non")
        assert refused.value.smtp_code == 451
    send(catchers, "oui")
    assert [message["subject"] for message in catchers.messages()] == ["oui"]


def test_a_slack_message_is_kept_and_shown(catchers):
    answer = WebhookClient(f"{catchers.url}/catch/slack{HOOK}").send(
        text="Coupure d'eau",
        blocks=[
            blocks.HeaderBlock(text="Coupure d’eau · 14 en 20 min"),
            blocks.SectionBlock(
                text="*14 messages* : <https://portail.example/v?a=1&amp;b=2|voir>"
            ),
            blocks.DividerBlock(),
            blocks.ContextBlock(elements=[blocks.MarkdownTextObject(text="SIMULATION")]),
            blocks.ActionsBlock(
                elements=[
                    blocks.ButtonElement(text="J’ai vu", action_id="a", url="https://p.example/")
                ]
            ),
        ],
    )
    assert (answer.status_code, answer.body) == (200, "ok")
    (kept,) = catchers.messages("slack")
    assert kept["payload"]["blocks"][0]["text"]["text"] == "Coupure d’eau · 14 en 20 min"
    page = catchers.http.get(f"/messages/{kept['number']}").text
    assert "<strong>14 messages</strong>" in page
    assert 'href="https://portail.example/v?a=1&amp;b=2"' in page
    assert "J’ai vu" in page


def test_slack_fails_as_told_then_accepts(catchers):
    catchers.fail("slack", times=1, status=429, retry_after=1)
    first = catchers.http.post(f"/catch/slack{HOOK}", json={"text": "a"})
    second = catchers.http.post(f"/catch/slack{HOOK}", json={"text": "a"})
    assert (first.status_code, first.headers["Retry-After"]) == (429, "1")
    assert (second.status_code, second.text) == (200, "ok")


@pytest.mark.parametrize("payload", [{"texte": "<b>Crue</b>", "n": 3}, ["Crue"], {"a": {"b": []}}])
def test_any_channel_is_kept_and_shown_raw(catchers, payload):
    address = "/catch/pigeon/loft/7"
    assert catchers.http.put(address, json=payload).text == "ok"
    assert catchers.http.post(address, content=b"{").status_code == 400
    (kept,) = catchers.messages("pigeon", to="/loft/7")
    assert kept["payload"] == payload
    page = catchers.http.get(f"/messages/{kept['number']}").text
    assert "<b>" not in page
    assert "JSON reçu" in page
    assert "pigeon" in catchers.http.get("/").text


def test_a_question_without_content_is_no_message(catchers):
    answer = catchers.http.post("/catch/slack/services/T/B/x", json={})
    assert answer.status_code == 400
    assert catchers.messages("slack") == []


def test_the_page_lists_the_newest_first(catchers):
    assert "Aucun message" in catchers.http.get("/").text
    send(catchers, "premier")
    catchers.http.post(f"/catch/slack{HOOK}", json={"text": "second"})
    page = catchers.http.get("/").text
    assert page.index("second") < page.index("premier")
    assert "second" not in catchers.http.get("/", params={"kind": "mail"}).text
    assert catchers.http.get("/").headers["X-Robots-Tag"] == "noindex"
