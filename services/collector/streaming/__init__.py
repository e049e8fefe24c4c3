"""Streams as they are followed: what one is, the connection, what was published before."""
