"""Quix Streams with a batching sink into ClickHouse, in an environment of its own (.venv-bench).

`python -m tests.benchmarks.quix KAFKA CLICKHOUSE DATABASE NAMESPACE COUNT` reads so many posts and
writes one line of JSON, as `tests.benchmarks.consumers` does.
"""

import json
import sys
import tempfile
import time
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

BLOCK = 5_000


class ClickHouse(BatchingSink):
    """Writes each batch as JSONEachRow."""

    def __init__(self, url: str, database: str) -> None:
        super().__init__()
        parts = urlsplit(url)
        self._client = clickhouse_connect.get_client(
            host=parts.hostname, port=parts.port, database=database, compress=False
        )
        self.written = 0

    def write(self, batch: SinkBatch) -> None:
        """Insert a batch."""
        self._client.raw_insert(
            "post_observations",
            insert_block=b"\n".join(json.dumps(item.value).encode() for item in batch),
            fmt="JSONEachRow",
            settings={"async_insert": 0, "optimize_on_insert": 0},
        )
        self.written += batch.size


def main(kafka: str, clickhouse: str, database: str, namespace: str, count: str) -> None:
    """Run it, say what it took."""
    sink = ClickHouse(clickhouse, database)
    application = Application(
        broker_address=kafka,
        consumer_group=f"{namespace}.quix",
        auto_offset_reset="earliest",
        commit_every=BLOCK,
        state_dir=tempfile.mkdtemp(),
        loglevel="ERROR",
    )
    posts: Any = application.topic(f"{namespace}.posts.observed.v1", value_deserializer="json")
    application.dataframe(posts).sink(sink)
    began = time.perf_counter()
    application.run(count=int(count), timeout=60.0)
    seconds = time.perf_counter() - began
    if sink.written != int(count):
        raise SystemExit(f"{sink.written} written of {count}")
    sys.stdout.write(json.dumps({"seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
