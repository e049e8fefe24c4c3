"""Figures that an agent declares: exports of her own tools, read by documented columns."""
