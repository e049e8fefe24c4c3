"""One list of metrics: processes show those of it and no other, runbooks name those that exist."""

import importlib
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from contracts.operations.metrics import PREFIX, Metric, all_metrics
from libs import metrics as made

ROOT = Path(__file__).resolve().parents[2]
MAKERS = r"^from libs\.metrics import .*\b(counter|gauge|histogram)\b"
MAKING = [
    path
    for root in ("libs", "services")
    for path in (ROOT / root).rglob("*.py")
    if re.search(MAKERS, path.read_text(encoding="utf-8"), re.MULTILINE)
]
THEIRS = ("python_", "process_")
LISTED = {one.shown: one for one in all_metrics()}


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """The metrics that processes show, name → kind."""
    for path in MAKING:
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {
        one.name + ("_total" if one.type == "counter" else ""): one.type
        for one in REGISTRY.collect()
        if not one.name.startswith(THEIRS)
    }


def test_what_processes_show_is_the_list(shown):
    assert shown == {name: one.kind for name, one in LISTED.items()}
    assert all(name.startswith(PREFIX) for name in shown)


@pytest.mark.parametrize("metric", LISTED.values(), ids=lambda one: one.name)
def test_each_says_what_it_means_and_no_label_names_anybody(metric):
    assert metric.meaning.endswith(".")
    assert not {"account", "watch", "host", "address", "recipient", "handle"} & set(metric.labels)


def test_a_unit_that_the_name_does_not_end_with_is_refused():
    with pytest.raises(ValueError, match="seconds"):
        Metric("lag", "gauge", "seconds", "How long.")
    with pytest.raises(ValueError, match="buckets"):
        Metric("lag_seconds", "gauge", "seconds", "How long.", buckets=(1.0,))


def test_no_counter_is_doubled_by_when_it_was_made(shown):
    assert not [name for name in shown if name.endswith("_created")]


def test_each_process_says_its_version(shown):
    made.tell_build("scorer")
    found = REGISTRY.get_sample_value(
        "observatoire_build_info", {"version": version("observatoire"), "service": "scorer"}
    )
    assert found == 1


def test_runbooks_name_metrics_that_exist():
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("docs/runbooks/*.md")]
    named = {name for text in texts for name in re.findall(r"`(observatoire_[a-z_]+)`", text)}
    assert named
    assert named <= LISTED.keys()


def test_metrics_are_made_in_one_place():
    declaring = {
        path.relative_to(ROOT).as_posix()
        for root in ("libs", "services", "simulation", "deploy")
        for path in (ROOT / root).rglob("*.py")
        if "import prometheus_client" in (text := path.read_text(encoding="utf-8"))
        or re.search(r"from prometheus_client import .*(Counter|Gauge|Histogram)", text)
    }
    assert declaring == {"libs/metrics.py"}
