"""Figures in French."""
