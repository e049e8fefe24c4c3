"""What operations look at: metrics, objectives, alerts."""
