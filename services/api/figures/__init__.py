"""The read side: views of ClickHouse as typed rows."""
