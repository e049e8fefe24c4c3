"""Panels as Vega-Lite."""
