"""From bytes to values: answers read leniently, feeds and their items, dates, texts."""
