"""Watches: their form, preview, learnt past, proof of life, mails."""
