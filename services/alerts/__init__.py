"""The alert service: matches what is said, decides what is worth telling, delivers it."""
