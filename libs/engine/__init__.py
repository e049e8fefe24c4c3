"""ClickHouse: the client, inserts, migrations."""
