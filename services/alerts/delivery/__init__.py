"""Telling somebody, once: couriers, journal, wording."""
