"""Prometheus: its rules, rendered from the objectives and alerts; what it scrapes, by hand."""
