"""What is wrong with an installation, looked at from outside: each fault by its name."""
