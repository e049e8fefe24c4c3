"""A network is its files and one line, and disturbs no other one.

What `make world` writes (fingerprint, portrait, seed barème) takes minutes and is held where the
repository has it; here a scored network is given cells of the barème of the one it is made from.
"""

import json
import re
from collections.abc import Mapping

import pytest

from services.scorer.methodologies import CURRENT
from tests.adding.conftest import Copy
from tests.conftest import ROOT

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

FILES = (
    "contracts/networks/{}.py",
    "services/collector/networks/{}.py",
    "simulation/networks/{}.py",
    "tests/collector/networks/test_{}.py",
    "tests/simulation/networks/test_{}.py",
)
STREAM = "services/collector/streams/{}.py"
OTHERS = "test_without_a_network_all_others_are_the_same"
WRITTEN = "test_what_is_written_is_what_would_have_been_collected"
KNOWN = "contracts/networks/__init__.py"

VIDEOS = "essaioscope"
OF_PEERTUBE = {
    # Attributes keep their names: `video.name` is no host.
    r"video\.(?=(lens|lqdn|maquette)\.)": "scope.",
    "video-channels": "scope-channels",
    r"videos/(?=watch|\(watch)": "scopes/",
    "peertube": VIDEOS,
    "Peertube|PeerTube": VIDEOS.capitalize(),
    "tube": "scope",
}
"""What makes another network of PeerTube: its names, its hosts, the paths that are its own."""

SKY = "essaiciel"
OF_BLUESKY = {
    r"bsky\.(?=app/|app\"|social|network)": "eciel.",
    r"(?<!\w)bsky(?!\.)": "eciel",
    "bluesky": SKY,
    "Bluesky": SKY.capitalize(),
}
"""The same of Bluesky; collections and identifiers stay those of its protocol, which is open."""

VERSION = "2027-1"
METHODOLOGIES = "services/scorer/methodologies"
INTERACTIONS = ("likes", "comments", "shares", "quotes")
READING = f"""
    "{VERSION}": replace(
        FIRST,
        given_again=True,
        by_own_margin=False,
        networks={{**FIRST.networks, "{SKY}": Network({INTERACTIONS}, FIVE)}},
    ),
"""


def renamed(path: str, model: str, names: Mapping[str, str]) -> str:
    """A file of a network as it would be of another one, of which nothing is recorded."""
    text = (ROOT / path.format(model)).read_text(encoding="utf-8")
    text = re.sub(r"(?s)\nKINDS: .*?\n}\n", "", text) if model == "peertube" else text
    for old, new in names.items():
        text = re.sub(old, new, text)
    return text


def add(copy: Copy, slug: str, *others: str, model: str, names: Mapping[str, str]) -> None:
    """Write the files of a network, and its line."""
    for path in (*FILES, *others):
        copy.write(path.format(slug), renamed(path, model, names))
    copy.insert(KNOWN, "facebook,", f"    {slug},")
    copy.insert(KNOWN, "rss.NETWORK,", f"    {slug}.NETWORK,")


def read_and_invented(slug: str) -> tuple[str, ...]:
    """The suites of a network: its own, and those that all networks pass."""
    return (
        *(path.format(slug) for path in FILES[3:]),
        "tests/contracts/test_networks.py",
        "tests/contracts/test_registries.py",
        "tests/contracts/test_addresses.py",
        f"tests/simulation/test_world.py::{OTHERS}[{slug}]",
        f"tests/simulation/test_history.py::{WRITTEN}[{slug}]",
    )


def test_a_network_is_its_files_and_a_line(copy):
    add(copy, VIDEOS, model="peertube", names=OF_PEERTUBE)
    copy.generate()
    copy.test(*read_and_invented(VIDEOS))
    assert copy.made == [path.format(VIDEOS) for path in FILES]
    assert set(copy.edited) == {KNOWN}
    assert f"| **{VIDEOS.capitalize()}** |" in (copy.root / "docs/networks.md").read_text("utf-8")


def seed(copy: Copy) -> str:
    """The barème that a month of reference would give: here a cell of the model for each of its."""
    lines = (copy.root / METHODOLOGIES / f"{CURRENT}.seed.json").read_text("utf-8")
    cells = [cell | {"methodology": VERSION} for cell in json.loads(lines)]
    cells += [cell | {"network": SKY} for cell in cells if cell["network"] == "bluesky"]
    return json.dumps(cells)


def test_a_network_with_a_stream_that_is_scored_is_a_file_and_a_version_besides(copy):
    """Collected as its history says, heard by its stream, scored in the engine and by hand."""
    add(copy, SKY, STREAM, model="bluesky", names=OF_BLUESKY)
    copy.insert("docs/methodology.md", "| Mastodon | `likes`", f"| {SKY} | `likes`, … | – |")
    text = (copy.root / METHODOLOGIES / f"{CURRENT}.yaml").read_text("utf-8")
    scored = text.replace(f'"{CURRENT}"', f'"{VERSION}"')
    sums = f"{{interactions: [{', '.join(INTERACTIONS)}], account: [followers, following]}}"
    scored = scored.replace("\nnetworks:\n", f"\nnetworks:\n  {SKY}: {sums}\n")
    scored = scored.replace("    bluesky: {}\n", f"    bluesky: {{}}\n    {SKY}: {{}}\n")
    copy.write(f"{METHODOLOGIES}/{VERSION}.yaml", scored)
    copy.write(f"{METHODOLOGIES}/{VERSION}.seed.json", seed(copy))
    versions = f"{METHODOLOGIES}/__init__.py"
    copy.replace(versions, f'CURRENT = "{CURRENT}"', f'CURRENT = "{VERSION}"')
    by_hand = "libs/verify/versions.py"
    opened = "RULES: Mapping[str, Rules] = {\n"
    copy.replace(by_hand, opened, opened + READING)
    copy.generate()
    copy.test(
        *read_and_invented(SKY),
        "tests/collector/streaming/test_stream.py",
        "tests/scorer/month/test_bareme.py",
        "tests/scorer/test_kpis.py",
        "tests/golden",
    )
    copy.test("tests/journeys/test_scores.py", "-k", VERSION)
    assert copy.made == [
        *(path.format(SKY) for path in (*FILES, STREAM)),
        *(f"{METHODOLOGIES}/{VERSION}.{what}" for what in ("yaml", "seed.json")),
    ]
    assert set(copy.edited) == {KNOWN, "docs/methodology.md", versions, by_hand}
