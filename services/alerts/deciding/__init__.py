"""Whether a mention concerns a watch, and is worth telling."""
