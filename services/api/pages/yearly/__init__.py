"""What a year was: its barometer, who rose, whom a jury looks at."""
