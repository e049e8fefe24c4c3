"""Shapes of answers, where a network has many: what we use of them, and nothing else."""
