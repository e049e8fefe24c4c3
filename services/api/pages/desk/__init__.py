"""The desk of the observatory: what its team decides."""
