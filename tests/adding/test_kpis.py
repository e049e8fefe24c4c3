"""A KPI shown is a definition, a rule and a word; one that weighs is a version besides."""

import pytest

from tests.adding.conftest import Copy

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

KPI = """VIDEO_SHARE = Kpi(
    slug="video_share",
    label="Part de vidéos",
    unit="ratio",
    column="part_de_videos",
    says="vidéos sur publications",
    points_column="note_videos",
    points_say="points de la part de vidéos",
)
"""
RULE = '''"""Videos by post of the month (methodology, 6.7)."""

from services.scorer.kpi import Rule, rounded

RULE = Rule(
    value=f"if(posts = 0, NULL, {rounded('toUInt64(videos) * 1000000000', 'greatest(posts, 1)')})",
    needs=(),
    explanation="La part des vidéos parmi les publications du mois.",
    advice="Une vidéo d’une minute, filmée au téléphone, suffit.",
    posts={"videos": "countIf(kind = 'video')"},
)
'''
VERSION = "2027-1"
READING = """
    "2027-1": Rules(
        weights={"engagement": 5, "reach": 4, "frequency": 4, "followers": 2, "follow_ratio": 1},
        values={
            "engagement": engagement,
            "reach": reach,
            "frequency": frequency,
            "followers": followers,
            "follow_ratio": follow_ratio,
        },
        worth_95={"engagement": 50 * MILLION},
        worth_100={"frequency": BILLION},
        networks={
            "facebook": Network(("likes", "comments", "shares"), FIVE[:4], has_following=False),
            "instagram": Network(("likes", "comments"), FIVE),
            "bluesky": Network(("likes", "comments", "shares", "quotes"), FIVE),
            "mastodon": Network(("likes", "comments", "shares"), FIVE, optional=("quotes",)),
        },
    ),
"""


def define(copy: Copy) -> None:
    copy.insert("contracts/kpis.py", "KPIS: tuple", KPI)
    copy.replace("contracts/kpis.py", "FOLLOW_RATIO)\n", "FOLLOW_RATIO, VIDEO_SHARE)\n")
    copy.write("services/scorer/kpis/video_share.py", RULE)


def test_a_kpi_that_is_shown(copy):
    define(copy)
    methodology = "services/scorer/methodologies/2026-1.yaml"
    copy.replace(methodology, "shown: []", "shown: [video_share]")
    copy.generate()
    copy.test("tests/contracts/test_registries.py", "tests/scorer/test_kpis.py", "tests/golden")
    copy.test(
        "tests/scorer/test_views.py", "tests/api/test_codebook.py", "tests/portal/test_about.py"
    )
    assert set(copy.edited) == {"contracts/kpis.py", methodology}


def test_a_methodology_is_a_file_and_its_second_reading(copy):
    folder = "services/scorer/methodologies"
    text = (copy.root / folder / "2026-1.yaml").read_text("utf-8")
    text = text.replace('"2026-1"', f'"{VERSION}"').replace("frequency: 3", "frequency: 4")
    copy.write(f"{folder}/{VERSION}.yaml", text)
    opened = "RULES: Mapping[str, Rules] = {\n"
    copy.replace("libs/verify/versions.py", opened, opened + READING)
    copy.test("tests/contracts/test_registries.py", "tests/scorer/test_kpis.py", "tests/golden")
    assert copy.edited == ["libs/verify/versions.py"]
