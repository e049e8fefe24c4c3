"""What tests and checks may look like, held by a test."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_the_hooks_before_a_commit_are_the_checks_of_make():
    recipe = re.search(r"(?ms)^check:.*?\n\n", (ROOT / "Makefile").read_text())
    assert recipe is not None
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [one["repo"] for one in hooks] == ["local"]
    command = re.compile(r"(?:\.venv/bin|\$\(BIN\))/([\w-]+(?: [a-z]+)*)")
    hooked = command.findall("\n".join(one["entry"] for one in hooks[0]["hooks"]))
    assert hooked == command.findall(recipe[0])
