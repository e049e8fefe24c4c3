import pytest

from deploy.local.engine.statement import (
    Insert,
    answer_format,
    insert_with_rows,
    keeps_state,
    refusal,
)


@pytest.mark.parametrize(
    ("query", "body", "statement", "rows"),
    [
        ("INSERT INTO t FORMAT Native", b"\x01\x02", "INSERT INTO t ", b"\x01\x02"),
        ("", b"INSERT INTO t FORMAT Native\n\x01\n", "INSERT INTO t ", b"\x01\n"),
        ("", b"/* a */ insert into t (a, b)\n format Native\n\xff", None, b"\xff"),
        ("INSERT INTO t SETTINGS async_insert=0 FORMAT Native", b"", "INSERT INTO t ", b""),
    ],
)
def test_rows_are_parted_from_their_statement(query, body, statement, rows):
    found = insert_with_rows(query, [body])
    assert b"".join(found.rows) == rows
    assert found.format == "Native"
    assert statement is None or found.statement == statement


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("INSERT INTO t VALUES (1)", b""),
        ("", b"INSERT INTO t SELECT 1 FORMAT Null"),
        ("", b"SELECT 'INSERT INTO t FORMAT Native'"),
        ("CREATE TABLE t (a Int8) ENGINE = Memory", b""),
    ],
)
def test_other_statements_are_left_alone(query, body):
    assert insert_with_rows(query, [body]) is None


def test_a_first_row_on_the_line_of_the_format_is_kept():
    assert insert_with_rows("", [b'INSERT INTO t FORMAT JSONEachRow {"a":1}']) == Insert(
        "INSERT INTO t ", "", "JSONEachRow", (b'{"a":1}',)
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 1", "TabSeparated"),
        ("SELECT 1\n FORMAT Native", "Native"),
        ("SELECT 1 FORMAT JSONEachRow SETTINGS max_threads = 1;", "JSONEachRow"),
        ("SELECT ' FORMAT CSV' AS a", "TabSeparated"),
    ],
)
def test_the_format_of_the_answer(statement, expected):
    assert answer_format(statement, "TabSeparated") == expected


@pytest.mark.parametrize(
    ("statement", "kept"),
    [("SET a = 1", True), (" use db", True), ("SELECT 1", False), ("-- c\nSET a = 1", True)],
)
def test_what_changes_a_connection(statement, kept):
    assert keeps_state(statement) is kept


def test_an_error_is_told_from_its_code_on():
    told = refusal(
        RuntimeError("Streaming insert finish failed: Code: 27. DB::Exception: Cannot parse (X)"),
        "26.9",
    )
    assert told.code == 27
    assert told.status == 400
    assert told.message == "Code: 27. DB::Exception: Cannot parse (X) (version 26.9 (chDB))"


def test_an_error_without_code_is_an_unknown_exception():
    assert refusal(RuntimeError("odd"), "26.9").code == 1002


def test_pieces_of_a_body_are_not_joined():
    pieces = [b"INSERT INTO t FORMAT ", b"Native\n", b"x" * 100_000, b"y" * 100_000]
    found = insert_with_rows("", pieces)
    assert found.rows == (b"x" * 100_000, b"y" * 100_000)
    assert found.rows[1] is pieces[3]
