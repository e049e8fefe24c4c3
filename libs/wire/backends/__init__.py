"""A log of records: over Kafka, or in memory under the same suite."""
