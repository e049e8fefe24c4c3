import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import clickhouse_connect
import httpx
import lz4.frame
import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import DatabaseError

from deploy.local.servers.clickhouse import Engine
from deploy.local.supervision.failure import PartError

pytestmark = pytest.mark.engine


@pytest.fixture
async def client(clickhouse_url: str, database: str) -> AsyncIterator[AsyncClient]:
    async with await clickhouse_connect.get_async_client(dsn=clickhouse_url) as first:
        await first.command(f"CREATE DATABASE IF NOT EXISTS {database}")
    async with await clickhouse_connect.get_async_client(
        dsn=clickhouse_url, database=database
    ) as client:
        await client.command(
            "CREATE OR REPLACE TABLE rows"
            " (id UInt64, word String, at DateTime64(3, 'UTC'), count Nullable(UInt32))"
            " ENGINE = MergeTree ORDER BY id"
        )
        yield client


@pytest.fixture
async def http(clickhouse_url: str, client: AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=clickhouse_url, params={}) as http:
        yield http


async def test_rows_come_back_as_they_went_in(client):
    at = datetime(2026, 11, 24, 7, 40, 0, 123000, tzinfo=UTC)
    rows = [(1, "é « ' \\ \t »", at, None), (2, "", at, 7)]
    summary = await client.insert("rows", rows, ["id", "word", "at", "count"])
    assert summary.written_rows == 2
    result = await client.query("SELECT * FROM rows ORDER BY id", query_tz="UTC")
    assert [(*row[:2], row[2].astimezone(UTC), row[3]) for row in result.result_rows] == rows
    assert int(result.summary["read_rows"]) == 2


@pytest.mark.parametrize("word", ["it's", "tab\tand\nline", "back\\slash", "« é »", ""])
async def test_parameters_are_bound_by_the_engine(client, word):
    result = await client.query(
        "SELECT {word:String}, {many:Array(String)}, {none:Nullable(String)}",
        parameters={"word": word, "many": [word, "b"], "none": None},
    )
    assert result.result_rows == [(word, [word, "b"], None)]


async def test_parameterised_views_take_parameters(client):
    await client.insert("rows", [[5, "five"], [6, "six"]], ["id", "word"])
    await client.command(
        "CREATE OR REPLACE VIEW one AS SELECT word FROM rows WHERE id = {n:UInt64}"
    )
    result = await client.query("SELECT word FROM one(n = {n:UInt64})", parameters={"n": 6})
    assert result.result_rows == [("six",)]


async def test_raw_rows_pass_through(client):
    summary = await client.raw_insert(
        "rows", ["id", "word"], b'{"id":3,"word":"raw"}\n' * 3, fmt="JSONEachRow"
    )
    assert summary.written_rows == 3
    assert (
        await client.raw_query("SELECT count() AS n FROM rows", fmt="JSONEachRow") == b'{"n":3}\n'
    )


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("lz4", lz4.frame.compress)]
)
async def test_bodies_travel_in_the_encoding_asked(http, database, encoding, encode):
    written = await http.post(
        "/",
        params={"query": "INSERT INTO rows (id) FORMAT JSONEachRow", "database": database},
        content=encode(b'{"id":9}\n'),
        headers={"Content-Encoding": encoding},
    )
    assert written.status_code == 200, written.text
    async with http.stream(
        "POST",
        "/",
        params={"enable_http_compression": "1"},
        content="SELECT number FROM numbers(5000)",
        headers={"Accept-Encoding": encoding},
    ) as answer:
        assert answer.headers["Content-Encoding"] == encoding
        raw = b"".join([part async for part in answer.aiter_raw()])
    plain = gzip.decompress(raw) if encoding == "gzip" else lz4.frame.decompress(raw)
    assert plain.split()[-1] == b"4999"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("SELECT foo", 404, "47"),
        ("SELEC 1", 400, "62"),
        ("SELECT * FROM nowhere.nothing", 404, "81"),
        ("INSERT INTO nothing FORMAT JSONEachRow\n{}", 404, "60"),
        ('INSERT INTO rows FORMAT JSONEachRow\n{"id":"x"}', 400, "27"),
    ],
)
async def test_errors_are_told_as_clickhouse_does(http, database, query, status, code):
    answer = await http.post("/", params={"database": database}, content=query)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")


async def test_the_client_raises_with_the_code(client):
    with pytest.raises(DatabaseError) as raised:
        await client.query("SELECT foo")
    assert raised.value.code == 47


async def test_settings_last_one_request(client):
    asked = "SELECT getSetting('max_block_size')"
    before = (await client.query(asked)).result_rows
    assert (await client.query(asked, settings={"max_block_size": 17})).result_rows == [(17,)]
    await asyncio.gather(*(client.command("SET max_block_size = 18") for _ in range(8)))
    after = await asyncio.gather(*(client.query(asked) for _ in range(16)))
    assert {row for result in after for row in result.result_rows} == set(before)


async def test_reading_is_all_that_get_may_do(http, database):
    refused = await http.get("/", params={"query": "DROP TABLE rows", "database": database})
    assert refused.headers["X-ClickHouse-Exception-Code"] == "164"
    read = await http.get("/", params={"query": "SELECT 1"})
    assert read.text == "1\n"
    written = await asyncio.gather(
        *(
            http.post(
                "/", params={"database": database}, content="INSERT INTO rows VALUES (1,'',0,0)"
            )
            for _ in range(12)
        )
    )
    assert {answer.status_code for answer in written} == {200}


async def test_a_statement_that_takes_too_long_is_ended(client):
    with pytest.raises(DatabaseError) as raised:
        await client.query(
            "SELECT sum(sipHash64(number)) FROM numbers(100000000000)",
            settings={"max_execution_time": 1},
        )
    assert raised.value.code == 159


async def test_a_statement_that_takes_too_much_memory_is_ended(client):
    with pytest.raises(DatabaseError) as raised:
        await client.query(
            "SELECT groupArray(number) FROM numbers(50000000)",
            settings={"max_memory_usage": 10_000_000},
        )
    assert raised.value.code == 241


@pytest.mark.parametrize(
    ("path", "body"), [("/ping", "Ok.\n"), ("/", "Ok.\n"), ("/readyz", "Ok.\n")]
)
async def test_it_says_that_it_is_there(http, path, body):
    assert (await http.get(path)).text == body


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    for n in range(2):
        engine = Engine(tmp_path / "engine")
        engine.start()
        with httpx.Client(base_url=engine.url) as http:
            http.post(
                "/", content="CREATE TABLE IF NOT EXISTS t (n UInt8) ENGINE=MergeTree ORDER BY n"
            )
            answer = http.post("/", content=f'INSERT INTO t FORMAT JSONEachRow\n{{"n":{n}}}')
            assert answer.status_code == 200
            kept = http.post("/", content="SELECT groupArray(n) FROM (SELECT n FROM t ORDER BY n)")
            assert kept.text.strip() == str(list(range(n + 1))).replace(" ", "")
        engine.child.kill()


def test_a_second_engine_on_the_same_folder_is_refused(tmp_path):
    engine = Engine(tmp_path / "engine")
    engine.start()
    with pytest.raises(PartError) as told:
        Engine(tmp_path / "engine").start()
    engine.stop()
    assert str(engine.log) in str(told.value)
    assert engine.child.process.returncode == 0


async def test_constraints_hold_rows_given_as_bytes(client):
    await client.command(
        "CREATE OR REPLACE TABLE held (n Int64, CONSTRAINT positive CHECK n > 0)"
        " ENGINE = MergeTree ORDER BY n"
    )
    with pytest.raises(DatabaseError) as raised:
        await client.raw_insert("held", None, b'{"n":1}\n{"n":-1}\n', fmt="JSONEachRow")
    assert raised.value.code == 469
    with pytest.raises(DatabaseError):
        await client.insert("held", [[-1]], ["n"])
    assert (await client.query("SELECT count() FROM held")).result_rows == [(0,)]


@pytest.mark.parametrize("skip", [0, 1])
async def test_settings_of_a_statement_hold_its_rows(client, skip):
    statement = f"INSERT INTO rows SETTINGS input_format_skip_unknown_fields = {skip}"
    rows = b'{"id":1,"nowhere":2}\n'
    sent = client.command(f"{statement} FORMAT JSONEachRow", data=rows)
    if skip:
        await sent
    else:
        with pytest.raises(DatabaseError):
            await sent
