"""A plugin of pytest: run each attack without the defence that stops it, say what came of it.

``pytest -p tests.attacks.taken_away FILES``; the outcomes are written as JSON where the variable
TAKEN_AWAY says: for each defence its attacks, and "through", "held" or what else went wrong.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.defences import DEFENCES, Defence

OUTCOMES: dict[str, dict[str, str]] = {one.name: {} for one in DEFENCES}
DEFENCE = pytest.StashKey[Defence]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, others = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        stopping = [one for one in DEFENCES if one.stops(item.nodeid)]
        assert len(stopping) <= 1, item.nodeid
        for one in stopping:
            item.stash[DEFENCE] = one
        (kept if stopping else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    with pytest.MonkeyPatch.context() as patch:
        item.stash[DEFENCE].remove(patch)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    found = OUTCOMES[item.stash[DEFENCE].name]
    if call.when == "call":
        shown = (AssertionError, pytest.fail.Exception, *item.stash[DEFENCE].errors)
        failed = call.excinfo is not None
        expected = failed and isinstance(call.excinfo.value, shown)
        found[item.nodeid] = "through" if expected else repr(call.excinfo) if failed else "held"
    elif report.failed:
        found[item.nodeid] = f"{call.when}: {call.excinfo!r}"
    return report


def pytest_sessionfinish() -> None:
    Path(os.environ["TAKEN_AWAY"]).write_text(json.dumps(OUTCOMES), encoding="utf-8")
