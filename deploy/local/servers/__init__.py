"""Kafka and ClickHouse on this machine, from jars and wheels."""
