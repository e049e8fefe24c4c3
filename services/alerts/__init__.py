"""The alert service: matches what is said, decides what is worth telling, delivers it."""

PARTS = ("matchers", "deciders", "couriers")
"""What a process of it may run; all of them when nothing is said."""
