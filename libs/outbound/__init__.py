"""The one HTTP client by which services reach what is outside."""
