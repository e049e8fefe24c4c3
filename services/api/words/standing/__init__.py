"""What is said of where an account or a territory stands: places, moves, bands, rulers."""
