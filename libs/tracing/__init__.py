"""Traces: one mention, or one post, followed from a network's answer to the mail that tells it."""
