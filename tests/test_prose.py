"""What tests and checks may look like, held by a test."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_the_hooks_before_a_commit_are_the_checks_of_make() -> None:
    recipe = re.search(r"(?ms)^check:.*?\n\n", (ROOT / "Makefile").read_text())
    assert recipe is not None
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [one["repo"] for one in hooks] == ["local"]
    checked = re.findall(r"\$\(BIN\)/(\w[\w-]*(?: [a-z]+)*)", recipe[0])
    hooked = [re.findall(r"[\w-]+(?: [a-z]+)*", one["entry"]) for one in hooks[0]["hooks"]]
    assert [words[1] for words in hooked] == checked
