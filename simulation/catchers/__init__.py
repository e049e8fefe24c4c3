"""Catchers: a mail server and the other side of every channel; they keep, and deliver nothing."""
