"""What the press says, by files that come at intervals: read whole, kept where watched."""
