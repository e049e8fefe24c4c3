"""Every metric bears our prefix and says what it means; runbooks name those that exist."""

import importlib
import re
from pathlib import Path

from prometheus_client import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
LISTS = [
    *ROOT.glob("services/*/metrics.py"),
    ROOT / "libs/wire/metrics.py",
    ROOT / "libs/charts/picture.py",
]
THEIRS = ("python_", "process_")


def shown() -> set[str]:
    """Return the names of our metrics, as Prometheus sees them."""
    for path in LISTS:
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found: set[str] = set()
    for metric in REGISTRY.collect():
        if metric.name.startswith(THEIRS):
            continue
        assert metric.name.startswith("observatoire_")
        assert metric.documentation.endswith(".")
        found.add(metric.name + ("_total" if metric.type == "counter" else ""))
    return found


def test_runbooks_name_metrics_that_exist():
    known = shown()
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("docs/runbooks/*.md")]
    named = {name for text in texts for name in re.findall(r"`(observatoire_[a-z_]+)`", text)}
    assert named
    assert named <= known


def test_only_the_lists_declare_metrics():
    declaring = {
        path.relative_to(ROOT).as_posix()
        for root in ("libs", "services", "simulation", "deploy")
        for path in (ROOT / root).rglob("*.py")
        if "import prometheus_client" in (text := path.read_text(encoding="utf-8"))
        or re.search(r"from prometheus_client import .*(Counter|Gauge|Histogram)", text)
    }
    assert declaring == {"libs/metrics.py"}
