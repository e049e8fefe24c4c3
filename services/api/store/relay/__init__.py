"""The outbox: the state of what changed, told to the topics."""
