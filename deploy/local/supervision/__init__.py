"""Children started, watched, shown and stopped."""
