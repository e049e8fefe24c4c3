"""Whom a watch tells, as pages show it: nothing of a machine, a mailbox hidden from passers-by."""

from contracts.channels import BY_SCHEME, MAIL, VEIL
from contracts.watches import Watched, recipient_name


def address_named(watch: Watched, name: str) -> str | None:
    """Return the address that a link names by its hash; None when the watch has it no more."""
    found = (one.address for one in watch.recipients if recipient_name(one.address) == name)
    return next(found, None)


def shown(address: str, *, masked: bool) -> str:
    """Write an address for people: a mailbox, or a channel by its public part.

    `masked` hides whose the mailbox is: « a…@essai.example ».
    """
    scheme, _, rest = address.partition(":")
    if scheme == MAIL.scheme:
        mailbox, _, domain = rest.rpartition("@")
        return f"{mailbox[:1]}…@{domain}" if masked and mailbox else rest
    if scheme not in BY_SCHEME:
        return "autre canal"
    channel = BY_SCHEME[scheme]
    return " ".join([channel.label, *filter(None, [channel.name(address)])])


def veiled(watch: Watched, *, masked: bool = True) -> Watched:
    """Return a watch without the secret of any channel; `masked` hides mailboxes too."""
    hidden = [
        one.model_copy(update={"address": _veiled(one.address, masked=masked)})
        for one in watch.recipients
    ]
    return watch.model_copy(update={"recipients": tuple(hidden)})


def _veiled(address: str, *, masked: bool) -> str:
    scheme = address.partition(":")[0]
    if scheme == MAIL.scheme:
        return f"{scheme}:{shown(address, masked=masked)}"
    return BY_SCHEME[scheme].veiled(address) if scheme in BY_SCHEME else f"{scheme}:{VEIL}"
