"""The whole observatory on one machine, from Python wheels alone."""
