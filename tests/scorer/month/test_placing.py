"""A month is put in place at once, and said as it is, wherever its run is killed."""

from typing import Any, cast

import pytest

from libs.engine.client import Engine
from libs.engine.insert import insert
from services.scorer.month.placing import finish
from tests.scorer.months import Book, october, scores, staging

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="module")]


def two() -> Book:
    return Book().bareme("bluesky").ordinary("a").ordinary("b")


async def refuse(engine: Engine, account: str) -> None:
    book = Book().account(account, state="refused", revision=2)
    await insert(engine, "accounts", book.rows["accounts"])


class Killed(BaseException):
    """What stands for `kill -9` between two statements."""


class Mortal:
    """An engine whose client is killed before a statement that holds some words."""

    def __init__(self, engine: Engine, before: str) -> None:
        self._engine = engine
        self._before = before
        self._dead = False

    def __getattr__(self, name: str) -> Any:
        async def call(*parts: Any, **named: Any) -> Any:
            self._dead = self._dead or self._before in f"{name} {parts}"
            if self._dead:
                raise Killed
            return await getattr(self._engine, name)(*parts, **named)

        return call


async def lines(engine: Engine) -> list[tuple[Any, ...]]:
    found = await engine.query(
        "SELECT revision, state, reason, toString(hash), accounts FROM months FINAL"
        " ORDER BY revision"
    )
    return [tuple(row) for row in found.result_rows]


@pytest.mark.parametrize("by", ["the next start", "the next run"])
async def test_a_month_cut_short_between_its_figures_and_its_line_is_told(engine, by):
    first = await october(engine, two())
    await refuse(engine, "b")
    with pytest.raises(Killed):
        await october(
            cast("Engine", Mortal(engine, "raw_insert ('months'")), reason="c’est \\ 'dit'"
        )
    assert len(await scores(engine, "account")) == 1
    assert [line[3] for line in await lines(engine)] == [first.hash]
    if by == "the next start":
        assert await finish(engine) == 1
        assert await finish(engine) == 0
    else:
        assert (await october(engine)).revision == 2
    assert [(line[0], line[4]) for line in await lines(engine)] == [(1, 2), (2, 1)]
    assert (await lines(engine))[1][3] != first.hash
    if by == "the next start":
        assert (await lines(engine))[1][1:3] == ("provisional", "c’est \\ 'dit'")
    assert await staging(engine) == []


async def test_a_month_cut_short_before_its_figures_leaves_the_old_one(engine):
    await october(engine, two())
    before = await lines(engine), await scores(engine, "account, score")
    await refuse(engine, "b")
    with pytest.raises(Killed):
        await october(cast("Engine", Mortal(engine, "REPLACE PARTITION")))
    assert await finish(engine) == 0
    assert (await lines(engine), await scores(engine, "account, score")) == before
    await engine.command(f"DROP TABLE {(await staging(engine))[0]} SYNC")
