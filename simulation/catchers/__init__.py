"""Catchers: a mail server and a Slack that keep what they are sent, and deliver nothing."""
