"""Addresses: an address of any network → the account's identity, or a named refusal."""

from contracts.addresses.identity import Identity, Refusal, Refused
from contracts.addresses.reader import network_of_label, read_address, read_author

__all__ = ["Identity", "Refusal", "Refused", "network_of_label", "read_address", "read_author"]
