"""A KPI shown is a definition, a rule and a word; one that weighs is a version besides."""

import json

import pytest

from services.scorer.methodologies import CURRENT
from tests.adding.conftest import Copy

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

KPI = """VIDEO_SHARE = Kpi(
    slug="video_share",
    label="Part de vidéos",
    unit="ratio",
    says="vidéos sur publications",
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
BY_HAND = """def video_share(facts: Facts) -> int:
    \"\"\"Return videos by post (6.7).\"\"\"
    videos = sum(readings[0].kind == "video" for readings in facts.readings)
    return rounded(videos * BILLION, facts.posts)


"""
READING = """
    "2027-1": replace(
        FIRST,
        given_again=True,
        by_own_margin=False,
        weights={**FIRST.weights, "video_share": 2},
        values={**FIRST.values, "video_share": video_share},
        networks={
            slug: replace(network, kpis=(*network.kpis, "video_share"))
            for slug, network in FIRST.networks.items()
        },
    ),
"""
TEXT = """6.7. **Part de vidéos** (poids 2) : `arrondi(vidéos × 10⁹ / publications du mois)`.

"""


def define(copy: Copy) -> None:
    copy.insert("contracts/kpis.py", "KPIS: tuple", KPI)
    copy.replace("contracts/kpis.py", "FOLLOW_RATIO)\n", "FOLLOW_RATIO, VIDEO_SHARE)\n")
    copy.write("services/scorer/kpis/video_share.py", RULE)


def test_a_kpi_that_is_shown(copy):
    define(copy)
    methodology = f"services/scorer/methodologies/{CURRENT}.yaml"
    copy.replace(methodology, "shown: []", "shown: [video_share]")
    copy.generate()
    copy.test("tests/contracts/test_registries.py", "tests/scorer/test_kpis.py", "tests/golden")
    copy.test(
        "tests/scorer/test_views.py",
        "tests/api/routes/test_codebook.py",
        "tests/api/routes/test_months.py",
        "tests/api/test_inversion.py",
        "tests/portal/test_about.py",
        "tests/portal/test_sentences.py",
    )
    copy.run("-m", "tests.api.record", "-q", "-n", "0", "-k", "each_kpi_has_its_columns")
    assert set(copy.edited) == {"contracts/kpis.py", methodology}


def test_a_kpi_that_weighs_is_a_version_besides(copy):
    """A month is scored by it in the engine and by hand, and older months keep their figures."""
    define(copy)
    copy.insert("docs/methodology.md", "## 7.", TEXT)
    folder = "services/scorer/methodologies"
    text = (copy.root / folder / f"{CURRENT}.yaml").read_text("utf-8")
    text = text.replace(f'"{CURRENT}"', f'"{VERSION}"')
    weighed = text.replace("  follow_ratio: 1\n", "  follow_ratio: 1\n  video_share: 2\n")
    assert weighed != text
    copy.write(f"{folder}/{VERSION}.yaml", weighed)
    by_hand = "libs/verify/versions.py"
    copy.insert(by_hand, "FIRST = Rules", BY_HAND)
    opened = "RULES: Mapping[str, Rules] = {\n"
    copy.replace(by_hand, opened, opened + READING)
    copy.generate()
    copy.test(
        "tests/contracts/test_registries.py",
        "tests/scorer/test_kpis.py",
        "tests/scorer/test_views.py",
        "tests/golden",
        "tests/libs/verify/test_verify.py",
        "tests/api/routes/test_codebook.py",
    )
    cells = json.loads((copy.root / folder / f"{CURRENT}.seed.json").read_text("utf-8"))
    seed = json.dumps([cell | {"methodology": VERSION} for cell in cells])
    copy.write(f"{folder}/{VERSION}.seed.json", seed)
    versions = f"{folder}/__init__.py"
    copy.replace(versions, f'CURRENT = "{CURRENT}"', f'CURRENT = "{VERSION}"')
    copy.test("tests/contracts/test_registries.py", "tests/scorer/month/test_bareme.py")
    copy.test("tests/portal/test_about.py", "tests/api/routes/test_codebook.py")
    assert copy.made == [
        "services/scorer/kpis/video_share.py",
        *(f"{folder}/{VERSION}.{what}" for what in ("yaml", "seed.json")),
    ]
    assert set(copy.edited) == {"contracts/kpis.py", "docs/methodology.md", versions, by_hand}
