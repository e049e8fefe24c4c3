"""Mails that come by themselves: digests, at the hour that each recipient chose."""
