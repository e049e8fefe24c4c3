from pathlib import Path

import pytest

from deploy.local.supervision.plan import Given, Plan, Step, dependants, in_order


def step(name: str, *after: str) -> Step:
    return Step(name, name, ("true",), Path(name), after=after)


def test_what_is_needed_comes_first():
    plan: Plan = [step("page", "tables"), step("tables", "engine"), Given("engine", "", "http://e")]
    assert [item.name for item in in_order(plan)] == ["tables", "page"]
    assert dependants(plan, "engine") == {"tables", "page"}
    assert dependants(plan, "page") == set()


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="a needs b needs a"):
        in_order([step("a", "b"), step("b", "a")])


def test_a_need_that_nothing_meets_is_refused():
    with pytest.raises(ValueError, match="a needs kafka, which is not in the plan"):
        in_order([step("a", "kafka")])
