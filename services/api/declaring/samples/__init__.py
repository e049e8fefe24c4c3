"""Made-up exports, one for each tool: they say so, and are read as real ones are."""

from collections.abc import Mapping
from pathlib import Path

SAMPLES: Mapping[str, bytes] = {
    file.name: file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.csv"))
}
