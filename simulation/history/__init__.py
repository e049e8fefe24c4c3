"""What collectors would have observed, written as events."""
