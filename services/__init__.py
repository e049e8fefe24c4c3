"""The four services and the few modules they share."""
