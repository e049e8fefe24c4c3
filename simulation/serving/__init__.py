"""The server that speaks the networks' public APIs."""
