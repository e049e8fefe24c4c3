import asyncio
import csv
import hashlib
import io
import re

import feedparser
import httpx
import pytest

from contracts import networks
from contracts.kpis import KPIS, Kpi
from contracts.scores import REASONS
from libs import verify
from services.api.figures.month_rows import MonthLine
from services.api.figures.queries import EngineUnavailable
from services.api.figures.views import MONTH_SCORES
from services.api.files.columns import MONTH_LINES, closing
from services.api.files.digests import Digests, KeptDigests, Published
from services.api.files.redistribution import WITHHELD, given
from tests.api.world import METHODOLOGY, NOW, month

MONTH = "/api/v1/months/2026-10"
RAW = {one.name for one in MONTH_LINES if one.raw}


async def lines_of(portal: httpx.AsyncClient, address: str) -> list[dict[str, str]]:
    answer = await portal.get(address)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def close(monkeypatch: pytest.MonkeyPatch, slug: str, like: str) -> None:
    """Give a network the terms of another."""
    policy = networks.BY_SLUG | {slug: networks.BY_SLUG[like]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", policy.__getitem__)


async def test_a_month_has_a_file_a_network_with_every_account(portal):
    lines = await lines_of(portal, f"{MONTH}/bluesky.csv")
    assert len(lines) == 47
    assert {line["periode"] for line in lines} == {"2026-10"}
    assert {line["origine"] for line in lines} == {"simulation"}
    unranked = {line["territoire"]: line["motif"] for line in lines if not line["score"]}
    assert unranked == {
        "Saint-Témoin": REASONS["few_posts"].brief,
        "Silence-en-Plaine": REASONS["posts_gap"].brief,
    }
    answer = await portal.get(f"{MONTH}/bluesky.csv", params={"variant": "excel"})
    name = 'filename="simulation_scores_bluesky_2026-10_excel.csv"'
    assert name in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.slug)
async def test_each_kpi_has_its_columns_and_fields(portal, kpi: Kpi):
    lines = await lines_of(portal, f"{MONTH}/bluesky.csv")
    assert {kpi.column, f"note_{kpi.column}"} <= set(lines[0])
    rows = (await portal.get(f"{MONTH}/bluesky")).json()
    assert {kpi.slug, f"{kpi.slug}_points"} <= set(rows[0])


async def test_raw_columns_and_fields_are_empty_where_terms_forbid(portal, monkeypatch):
    open_lines = await lines_of(portal, f"{MONTH}/bluesky.csv")
    weighed = verify.rules_of(METHODOLOGY).weights
    shown_later = {
        name
        for kpi in KPIS
        if kpi.slug not in weighed
        for name in (kpi.column, f"note_{kpi.column}")
    }
    assert all(any(line[name] for line in open_lines) for name in RAW - shown_later)
    close(monkeypatch, "bluesky", "instagram")
    lines = await lines_of(portal, f"{MONTH}/bluesky.csv")
    assert {line[name] for line in lines for name in RAW} == {""}
    assert {"redistribution en masse" in line["remarque"] for line in lines} == {True}
    assert {line["quartile_taux_d_engagement"] for line in lines} > {"3"}
    for shown, line in zip(open_lines, lines, strict=True):
        for bound in ("score_bas", "score_haut"):
            assert not line[bound] or float(line[bound]) % 10 == 0
        if line["score"]:
            assert float(line["score_bas"]) <= float(shown["score_bas"])
            assert float(line["score_haut"]) >= float(shown["score_haut"])
    kept = set(lines[0]) - RAW - {"remarque", "score_bas", "score_haut"}
    assert [{name: line[name] for name in kept} for line in lines] == [
        {name: line[name] for name in kept} for line in open_lines
    ]
    rows = (await portal.get(f"{MONTH}/bluesky")).json()
    assert {row[name] for row in rows for name in WITHHELD if name in row} == {None}
    assert {row["engagement_quartile"] for row in rows} > {3}


def test_raw_columns_are_the_fields_withheld():
    """A column that a closed network's file leaves empty, and a field its JSON leaves null."""
    row = given(
        MonthLine.model_construct(**dict.fromkeys(MonthLine.model_fields) | {"network": "rss"})
    )
    read = {
        one.name: {name for name in WITHHELD if one.read(row.model_copy(update={name: 7})) == 7}
        for one in MONTH_LINES
    }
    assert {name for name, fields in read.items() if fields} == RAW
    withheld = {name for name in WITHHELD if name in MonthLine.model_fields}
    assert withheld - set().union(*read.values()) == {"low_rank", "high_rank"}


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (f"{MONTH}/youtube.csv", 403, "YouTube interdisent"),
        (f"{MONTH}/rss", 403, "pas de compteurs"),
        (f"{MONTH}/peertube", 403, "observé"),
        (f"{MONTH}/myspace.csv", 422, "permises : facebook, instagram"),
        ("/api/v1/months/2031-01/bluesky", 404, "n’est pas un mois publié (2026-10, 2026-09"),
        ("/api/v1/months/2031-01/empreinte.txt", 404, "n’est pas un mois publié"),
        ("/api/v1/methodologies/1999", 404, "Aucune méthodologie"),
        ("/api/v1/methodologies/1999/bareme.csv", 404, "Aucune méthodologie"),
    ],
)
async def test_what_there_is_not_is_said_in_french(portal, path, status, said):
    answer = await portal.get(path)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True)


async def test_the_fingerprint_is_of_every_account_sorted_by_its_bytes(portal, figures):
    text = (await portal.get(f"{MONTH}/empreinte.txt")).text
    lines = text.split("\n")
    assert len(lines) == len(month("2026-10"))
    assert lines == sorted(lines, key=str.encode)
    assert "00106-bluesky;bluesky;00106;petites-villes;7500-9999;;;;;;;;posts_gap" in lines
    ranked = next(line for line in lines if line.startswith("00228-bluesky;")).split(";")
    assert ranked[5:8] == ["8940", "8500", "9400"]


async def test_the_digests_are_those_of_the_files(portal):
    listed = (await portal.get(f"{MONTH}/sha256.txt")).text.splitlines()
    digests = {name: digest for digest, name in (line.split("  ") for line in listed)}
    assert len(digests) == 2 * len(networks.SCORED) + 1
    for path in ("/bluesky.csv", "/bluesky.csv?variant=excel", "/empreinte.txt"):
        answer = await portal.get(MONTH + path)
        name = answer.headers["content-disposition"].split('"')[1]
        assert digests[name] == hashlib.sha256(answer.content).hexdigest()


async def test_revisions_are_a_file_too(portal):
    lines = await lines_of(portal, "/api/v1/months.csv")
    assert [line["periode"] for line in lines] == ["2026-10", "2026-09", "2026-08"]
    assert {line["empreinte"] for line in lines} == {"0" * 64}
    assert len((await portal.get("/api/v1/months")).json()) == 3


async def test_revisions_are_a_feed_to_follow(portal, figures):
    figures.changes.append(
        lambda row: (
            {"revision": 2, "reason": "un compte ; deux fois <compté>"} if "hash" in row else {}
        )
    )
    answer = await portal.get("/api/v1/months.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=60"
    found = feedparser.parse(answer.content)
    assert not found.bozo
    assert found.feed.title.startswith("[SIMULATION] ")
    first = found.entries[0]
    assert [one.link[-7:] for one in found.entries] == ["2026-10", "2026-09", "2026-08"]
    assert len({one.id for one in found.entries}) == 3
    assert "octobre 2026\u00a0: révision 2, provisoire" in first.title
    assert "un compte\u202f; deux fois" in first.summary
    assert "0" * 64 in first.summary


async def test_a_methodology_gives_weights_and_knots(portal):
    listed = (await portal.get("/api/v1/methodologies")).json()
    assert listed == [{"methodology": METHODOLOGY, "periods": ["2026-10", "2026-09", "2026-08"]}]
    shown = (await portal.get(f"/api/v1/methodologies/{METHODOLOGY}")).json()
    assert [one["weight"] for one in shown["indicators"]] == [5, 4, 3, 2, 1]
    knots = await lines_of(portal, f"/api/v1/methodologies/{METHODOLOGY}/bareme.csv")
    assert len(knots) == sum(len(one["knots"]) for one in shown["bareme"])
    reach = [one for one in knots if (one["reseau"], one["indicateur"]) == ("bluesky", "portee")]
    assert [(one["valeur"], one["points"]) for one in reach] == [("0", "0"), ("200000000", "100")]
    told = await lines_of(portal, f"/api/v1/methodologies/{METHODOLOGY}/indicators.csv")
    assert [one["poids"] for one in told] == ["5", "4", "3", "2", "1"]


def test_the_last_columns_say_month_and_terms():
    assert [one.value(None) for one in closing("2026-10", None)] == ["2026-10", None]


async def test_first_visitors_make_the_digests_once(portal, figures):
    paths = ("/donnees", f"{MONTH}/sha256.txt", "/donnees?periode=2026-10")
    answers = await asyncio.gather(*map(portal.get, paths))
    assert {answer.status_code for answer in answers} == {200}
    assert figures.asked.count("month_scores") == 1


async def test_digests_are_kept_of_few_months():
    made: list[str] = []

    async def make() -> Digests:
        made.append("one")
        return Digests({}, Published("empreinte.txt", "0" * 64, 0))

    kept = KeptDigests(months=2)
    for period in ("2026-08", "2026-09", "2026-09", "2026-10", "2026-08"):
        await kept.of((period, NOW), make)
    assert len(made) == 4


@pytest.mark.parametrize("path", ["/donnees?periode=2031-01", "/api/v1/months/2031-01/bluesky.csv"])
async def test_a_month_that_is_not_published_costs_no_reading(portal, figures, path):
    await portal.get("/donnees")
    figures.asked.clear()
    await portal.get(path)
    assert "month_scores" not in figures.asked


async def test_a_file_that_one_has_is_not_made_again(portal, figures):
    await portal.get(f"{MONTH}/sha256.txt")
    first = await portal.get(f"{MONTH}/bluesky.csv")
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    assert first.headers["cache-control"] == "public, max-age=60"
    figures.asked.clear()
    again = await portal.get(
        f"{MONTH}/bluesky.csv", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "month_scores" not in figures.asked


async def test_the_json_of_a_month_is_that_of_its_lines(portal, figures):
    answer = await portal.get(f"{MONTH}/bluesky")
    assert answer.headers["content-type"] == "application/json"
    lines = await figures.read(MONTH_SCORES, network="bluesky", period="2026-10")
    shown = [given(one).model_dump(mode="json") for one in lines]
    for line in shown:
        assert line.pop("address")
    assert [{k: v for k, v in one.items() if k != "address"} for one in answer.json()] == shown


@pytest.mark.parametrize("path", ["/bluesky", "/bluesky.csv", "/empreinte.txt", "/sha256.txt"])
async def test_an_engine_away_is_told_before_a_file_begins(portal, figures, path):
    figures.given["month_scores"] = EngineUnavailable("connection refused")
    assert (await portal.get(MONTH + path)).status_code == 503


async def test_a_year_is_its_months_one_after_the_other(portal, figures):
    told = await figures.read(MONTH_SCORES, network="bluesky", period="2026-10")
    figures.given[MONTH_SCORES.name] = told
    head, *lines = (await portal.get("/api/v1/years/2026/bluesky.csv")).text.splitlines()
    apart = [
        (await portal.get(f"/api/v1/months/{period}/bluesky.csv")).text.splitlines()
        for period in ("2026-08", "2026-09", "2026-10")
    ]
    assert lines == [line for _, *own in apart for line in own]
    assert {own[0] for own in apart} == {head}
    answer = await portal.get("/api/v1/years/2026/bluesky.csv?variant=excel")
    assert answer.content.count(b"\xef\xbb\xbf") == 1
    assert "scores_bluesky_2026_excel" in answer.headers["content-disposition"]
    assert (await portal.get("/api/v1/years/2019/bluesky.csv")).status_code == 404
    assert (await portal.get("/api/v1/years/2026/youtube.csv")).status_code == 403


async def test_the_catalogue_names_files_that_are_there_and_any_site_reads_it(portal):
    answer = await portal.get("/api/v1/catalog")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in (await portal.get("/api/v1/watches")).headers
    found = answer.json()
    months = [one for one in found["dcat:dataset"] if "SIMULATION" in one["dct:title"]]
    assert len(months) == len(found["dcat:dataset"]) > 2
    origin = found["dct:publisher"]["foaf:homepage"]["@id"]
    for one in months[0]["dcat:distribution"]:
        path = one["dcat:downloadURL"]["@id"].removeprefix(origin)
        assert (await portal.get(path)).status_code == 200, path


async def test_a_month_as_parquet_is_made_of_its_csv(portal):
    answer = await portal.get(f"{MONTH}/bluesky.parquet")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert "simulation_scores_bluesky_2026-10.parquet" in answer.headers["content-disposition"]
    told, _, rest = answer.content.removeprefix(b"PAR1").partition(b"\n")
    assert rest.removesuffix(b"PAR1") == (await portal.get(f"{MONTH}/bluesky.csv")).content
    types = dict(re.findall(r"`(\w+)` Nullable\(([^`]+)\)(?:, |$)", told.decode()))
    assert list(types) == rest.split(b"\r\n")[0].decode().split(",")
    assert (types["score"], types["rang"], types["abonnes"]) == ("Decimal(9, 2)", "Int64", "Int64")
    assert (types["taux_d_engagement"], types["departement"]) == ("Float64", "String")
    refused = [(f"{MONTH}/youtube.parquet", 403), (f"{MONTH}/myspace.parquet", 422)]
    for path, status in refused:
        assert (await portal.get(path)).status_code == status
