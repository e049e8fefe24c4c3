"""La France d'essai: an invented world, and the networks that show it."""
