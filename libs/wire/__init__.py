"""The broker: publish, consume, read to the end, tables, dead letters."""
