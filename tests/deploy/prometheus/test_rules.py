"""Rules and alerts: rendered from one definition, each with a runbook, each fires and clears.

`promtool` (Debian: prometheus) reads the rules as Prometheus does and gives them invented series,
by which windows of days take no time.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.operations.alerting import Alert, all_alerts
from contracts.operations.metrics import all_metrics
from contracts.operations.objectives import OBJECTIVES, RECORDED, windows
from deploy.prometheus.rules import duration, rendered, rules

ROOT = Path(__file__).parents[3]
ALERTS = {alert.name: alert for alert in all_alerts()}
each_alert = pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda one: one.name)

UP = {f'up{{job="{one}"}}': "1x2000" for one in ("api", "scorer", "collector", "alerts")}
WELL = {
    **UP,
    'observatoire_group_members{group="scorer"}': "1x2000",
    'observatoire_group_lag_seconds{group="alerts-mailto"}': "1800x2000",
    'observatoire_group_lag_seconds{group="scorer"}': "3x2000",
    'observatoire_collector_leading{instance="a"}': "0x2000",
    'observatoire_collector_leading{instance="b"}': "1x2000",
    "observatoire_scorer_waiting": "0x2000",
    'observatoire_http_requests_total{route="/",status="200"}': "0+100x2000",
    'observatoire_http_requests_total{route="/",status="500"}': "0+0x2000",
    'observatoire_alerts_told_after_seconds_bucket{channel="mailto",le="60.0"}': "0+10x2000",
    'observatoire_alerts_told_after_seconds_count{channel="mailto"}': "0+10x2000",
    'observatoire_accounts{network="bluesky"}': "400x2000",
    'observatoire_reading_late_ratio{network="bluesky"}': "0.01x2000",
    'observatoire_disk_free_bytes{store="clickhouse",disk="default"}': "50x2000",
    'observatoire_disk_size_bytes{store="clickhouse",disk="default"}': "100x2000",
    'observatoire_collector_requests_total{network="bluesky",cause="done"}': "0+10x2000",
    'observatoire_collector_requests_total{network="bluesky",cause="refused"}': "0+1x2000",
}
"""Series by which nothing fires, a value a step."""

FAULTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "ObservatoireProcessDown": ({'up{job="scorer"}': "0x2000"}, {"job": "scorer"}),
    "ObservatoireGroupStopped": (
        {'observatoire_group_members{group="scorer"}': "0x2000"}, {"group": "scorer"}),
    "ObservatoireGroupLate": (
        {'observatoire_group_lag_seconds{group="scorer"}': "0+60x2000"}, {"group": "scorer"}),
    "ObservatoireBadRecords": (
        {'observatoire_bad_records_total{reader="scorer",topic="posts"}': "_x55 1x2000"},
        {"reader": "scorer", "topic": "posts"}),
    "ObservatoireEngineAway": ({"observatoire_scorer_waiting": "1x2000"}, {}),
    "ObservatoireDiskNearlyFull": (
        {'observatoire_disk_free_bytes{store="clickhouse",disk="default"}': "9x2000"},
        {"store": "clickhouse", "disk": "default"}),
    "ObservatoireMonthOverdue": ({"observatoire_month_overdue_seconds": "21601x2000"}, {}),
    "ObservatoireOutboxStuck": ({"observatoire_outbox_oldest_seconds": "301x2000"}, {}),
    "ObservatoireNotDelivered": (
        {'observatoire_alerts_deliveries_waiting{channel="mailto"}': "2x2000",
         'observatoire_alerts_delivery_retries_total{channel="mailto",why="x"}': "0+1x2000"},
        {"channel": "mailto"}),
    "ObservatoireQuotaSpent": (
        {'observatoire_collector_quota_left_ratio{bucket="youtube:a"}': "0x2000"},
        {"bucket": "youtube:a"}),
    "ObservatoireSourceFailing": (
        {'observatoire_collector_requests_total{network="bluesky",cause="refused"}': "0+30x2000"},
        {"network": "bluesky"}),
    "ObservatoireStreamLate": (
        {'observatoire_collector_stream_lag_seconds{stream="bluesky"}': "121x2000"},
        {"stream": "bluesky"}),
    "ObservatoireNobodyLeads": ({'observatoire_collector_leading{instance="b"}': "0x2000"}, {}),
    "ObservatoireNotLooked": (
        {'observatoire_looked_timestamp_seconds{of="engine"}': "0x2000"}, {"of": "engine"}),
    # Errors at twenty times the budget, then at four and a half (of minutes: windows are hours).
    "ObservatoireAvailabilityFastBurn": (
        {'observatoire_http_requests_total{route="/",status="500"}': "0+12x2000"}, {}),
    "ObservatoireAvailabilitySlowBurn": (
        {'observatoire_http_requests_total{route="/",status="500"}': "0+2x2000"}, {}),
    "ObservatoireDeliveryFastBurn": (
        {'observatoire_alerts_told_after_seconds_bucket{channel="mailto",le="60.0"}': "0+8x2000"},
        {}),
    "ObservatoireDeliverySlowBurn": (
        {'observatoire_alerts_told_after_seconds_bucket{channel="mailto",le="60.0"}':
            "0+9.6x2000"}, {}),
    "ObservatoireFreshnessFastBurn": (
        {'observatoire_reading_late_ratio{network="bluesky"}': "0.9x2000"}, {}),
    "ObservatoireFreshnessSlowBurn": (
        {'observatoire_reading_late_ratio{network="bluesky"}': "0.2x2000"}, {}),
}  # fmt: skip
"""What makes each fire, beside what is well, and by which labels it is then told."""


def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    return found


@each_alert
def test_it_has_a_runbook_that_says_whether_it_may_wait(alert):
    page = (ROOT / "docs/runbooks" / f"{alert.runbook}.md").read_text()
    assert f"`{alert.name}` (peut attendre lundi\u00a0: {alert.waits})" in page


@each_alert
def test_it_fires_in_a_test(alert):
    assert alert.name in FAULTS


def test_rules_read_metrics_and_labels_that_there_are():
    known: dict[str, set[str]] = {"up": {"job"}}
    for metric in all_metrics():
        for suffix in ("", "_bucket", "_count", "_sum") if metric.buckets else ("",):
            known[metric.shown + suffix] = {*metric.labels, "le"}
    recorded = {f"{RECORDED}_{window}" for window in windows()}
    for group in rules()["groups"]:
        for rule in group["rules"]:
            names = set(re.findall(r"\b((?:objective:)?observatoire_[a-z_:0-9]+)", rule["expr"]))
            assert names <= known.keys() | recorded, rule
            for name, inside in re.findall(r"\b(observatoire_\w+)\{([^}]*)\}", rule["expr"]):
                assert set(re.findall(r"(\w+)[=!]", inside)) <= known[name], rule


def test_an_objective_leaves_a_budget_and_is_recorded_over_each_window():
    records = [(r["record"], r["labels"]["objective"]) for r in rules()["groups"][0]["rules"]]
    assert len(records) == len(set(records)) == len(OBJECTIVES) * len(windows())
    assert [one.budget for one in OBJECTIVES] == [0.005, 0.01, 0.05]


@pytest.mark.parametrize(
    ("said", "shortened", "written"),
    [
        ("5m", 1.0, "5m"),
        ("5m", 60, "5s"),
        ("0m", 60, "0s"),
        ("1h", 7_200, "1s"),
        ("3d", 60, "4320s"),
    ],
)
def test_durations_are_shortened_by_one_factor(said, shortened, written):
    assert duration(said, shortened) == written


@pytest.mark.proof
@pytest.mark.parametrize("shortened", [1.0, 60.0])
def test_prometheus_takes_the_rules(shortened, tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_text(rendered(shortened))
    told = subprocess.run([promtool(), "check", "rules", str(file)], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert "SUCCESS" in told.stdout


def test_prometheus_takes_what_it_is_to_scrape():
    command = [promtool(), "check", "config", str(ROOT / "deploy/prometheus/prometheus.yaml")]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


def expected(alert: Alert, labels: dict[str, str]) -> dict[str, Any]:
    return {"exp_labels": {"waits": alert.waits, **alert.labels, **labels}}


def unit_test(alert: Alert, *, faulty: bool) -> dict[str, Any]:
    """A test of promtool: at the end, the alert fires by its fault, or nothing does."""
    changed, labels = FAULTS[alert.name] if faulty else ({}, {})
    series = WELL | changed
    at = "20h" if "Slow" in alert.name else "2h"
    told = [expected(alert, labels)] if faulty else []
    if alert.name == "ObservatoireBadRecords":
        at = "57m"  # the first of its kind is told once, when it comes
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": of} for name, of in series.items()],
        "alert_rule_test": [{"alertname": alert.name, "eval_time": at, "exp_alerts": told}],
    }


@pytest.mark.proof
@pytest.mark.parametrize("faulty", [True, False])
def test_each_alert_fires_by_its_fault_and_only_by_it(faulty, tmp_path):
    held = rules()
    for group in held["groups"]:
        for rule in group["rules"]:
            rule.pop("annotations", None)  # their texts have values in them
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(held))
    tests = [unit_test(alert, faulty=faulty) for alert in ALERTS.values()]
    suite = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(suite))
    told = subprocess.run(
        [promtool(), "test", "rules", "tests.yaml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout + told.stderr
