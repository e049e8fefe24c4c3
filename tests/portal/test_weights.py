"""Every page: what it asks for and weighs when nothing is kept, and axe-core in the dark, narrow.

``OBSERVATOIRE_PAGES=write`` writes `pages/weights.csv` anew: look at what grew.
"""

import csv
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.api.conftest import BEARER
from tests.portal.test_browser import PAGES
from tests.portal.test_browser import address as address
from tests.portal.test_browser import browser as browser
from tests.portal.test_browser import figures as figures
from tests.portal.test_browser import store as store
from tests.portal.test_entering import DESK, administer
from tests.portal.test_entering import PAGES as OWN
from tests.portal.test_html import MORE

pytestmark = [pytest.mark.proof, pytest.mark.browser, pytest.mark.timeout(300)]

KEPT = Path(__file__).parent / "pages" / "weights.csv"
NARROW, MIDDLE, WIDE = 320, 768, 1280
SEEN = ["color-contrast", "scrollable-region-focusable", "target-size"]
GROWN = 1.1
"""Times its weight from which a page is to be looked at."""

MOST = 300_000
"""Bytes of the heaviest page: ten seconds of a bad mobile connection (250 kbit/s)."""


PICTURES = """() => Promise.all([...document.images].map(one => {
  one.loading = "eager";
  return one.decode().catch(() => 0);
}))"""
"""Waits for every picture: a browser chooses which ones it takes before they are in sight."""


def pages(context: BrowserContext, who: str) -> Page:
    """A page of a browser that keeps nothing (a route turns the cache off)."""
    context.route("**/*", lambda route: route.continue_())
    if who:
        administer(context, who)
    return context.new_page()


ICON = "/static/observatoire.svg"


def seen(page: Page, path: str) -> tuple[tuple[int, int], list[str]]:
    """Requests and bytes of a page; what axe-core says of it in the dark, and narrow."""
    asked: list[Request] = []

    def finished(request: Request) -> None:
        # The icon of the tab is asked for once, whenever the browser sees fit.
        if not request.url.endswith(ICON):
            asked.append(request)

    # What the page before asked for last, for a narrow screen, is not this one's.
    page.goto("about:blank")
    page.on("requestfinished", finished)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE, "height": 900})
    answer = page.goto(path)
    assert answer is not None
    assert answer.status in (200, 404), path
    page.evaluate(PICTURES)
    page.remove_listener("requestfinished", finished)
    weight = sum(one.sizes()["responseBodySize"] for one in asked)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": MIDDLE, "height": 900})
    found = said(page, path)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": NARROW, "height": 900})
    found += said(page, path)
    return (len(asked), weight), found


def said(page: Page, path: str) -> list[str]:
    """What depends on colours and width; the rest is looked at once, wide and in the light."""
    options = {"runOnly": SEEN, "resultTypes": ["violations"]}
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{path}: {one['id']}: {one['nodes'][0]['html'][:150]}" for one in violations]


def test_no_page_grows_unseen_nor_is_hard_to_read_in_the_dark(browser: Browser, address):
    visited = {
        "": (BEARER, list(dict.fromkeys([*PAGES, *MORE, *DESK]))),
        "metropole": ({}, list(OWN)),
    }
    found: list[str] = []
    now: dict[str, tuple[int, int]] = {}
    for who, (headers, paths) in visited.items():
        context = browser.new_context(base_url=address, extra_http_headers=headers)
        page = pages(context, who)
        for path in paths:
            now[path], faults = seen(page, path)
            found += faults
        context.close()
    assert not found, "\n".join(found)
    if os.environ.get("OBSERVATOIRE_PAGES") == "write":
        with KEPT.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(
                [("page", "requests", "bytes"), *((path, *told) for path, told in now.items())]
            )
    with KEPT.open(encoding="utf-8", newline="") as kept:
        known = {
            row["page"]: (int(row["requests"]), int(row["bytes"])) for row in csv.DictReader(kept)
        }
    assert now.keys() == known.keys()
    grown = {
        path: (told, known[path])
        for path, told in now.items()
        if told[0] > known[path][0] or told[1] > GROWN * known[path][1]
    }
    assert grown == {}
    assert max(weight for _, weight in now.values()) < MOST
