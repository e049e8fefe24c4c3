"""What posts of an account tell of what makes people react: pure functions."""
