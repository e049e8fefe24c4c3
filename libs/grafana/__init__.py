"""Panels as Grafana's JSON, and their synchronisation."""
