"""The scorer: from topics to ClickHouse, and from observations to scores."""
