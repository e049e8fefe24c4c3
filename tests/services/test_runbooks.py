"""Runbooks are of one form, and speak of log lines and causes that there are.

Their metrics are in `tests/libs/test_metrics.py`; commands, settings and links, as those of every
document, in `tests/test_documentation.py`.
"""

import re
from itertools import pairwise

import pytest

from tests.conftest import ROOT

PAGES = sorted((ROOT / "docs/runbooks").glob("*.md"))
SOURCES = "".join(
    path.read_text()
    for root in ("services", "libs", "contracts")
    for path in (ROOT / root).rglob("*.py")
)


def said(pattern: str) -> list[tuple[str, str]]:
    """What pages say of a kind, with the page."""
    return sorted(
        {(page.name, one) for page in PAGES for one in re.findall(pattern, page.read_text())}
    )


@pytest.mark.parametrize(("page", "event"), said(r'`"event": "([^"]+)"`'))
def test_log_lines_are_there(page, event):
    assert f'"{event}"' in SOURCES


@pytest.mark.parametrize("cause", sorted({one for _, one in said(r'cause="(\w+)"')}))
def test_causes_are_those_of_jobs(cause):
    assert f'"{cause}"' in (ROOT / "contracts/jobs.py").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_of_one_form_and_listed(page):
    if page.name == "README.md":
        return
    text = page.read_text()
    assert f"({page.name})" in (ROOT / "docs/runbooks/README.md").read_text()
    places = [
        text.index(part)
        for part in ("\nPeut attendre lundi\u00a0: **", "\n## What you see", "\n## How to know")
    ]
    assert all(before < after for before, after in pairwise(places))
