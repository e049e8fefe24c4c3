"""Before the first live day: what of each network can be read with the installation's settings."""
