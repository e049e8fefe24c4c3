"""From an answer to events: requests, texts, dates, feeds, findings."""
