"""SMS, by the gateway of the installation; a number is hidden wherever it is shown."""

import re

from contracts.channels.contract import ChannelContract

_OVERSEAS = {
    "0639": "+262", "0690": "+590", "0691": "+590", "0692": "+262", "0693": "+262",
    "0694": "+594", "0696": "+596", "0697": "+596",
}  # fmt: skip
"""Mobile numbers of the overseas départements: Arcep, « plan national de numérotation », 2.3.4."""


def _written(address: str) -> str:
    """Return a number as gateways take it (E.164): « 06 12 34 56 78 » is `+33612345678`."""
    typed = re.sub(r"[\s.()/-]", "", address.removeprefix("sms:"))
    if typed.startswith("00"):
        typed = f"+{typed[2:]}"
    if re.fullmatch(r"0[67]\d{8}", typed):
        typed = f"{_OVERSEAS.get(typed[:4], '+33')}{typed[1:]}"
    return f"sms:{typed}"


CHANNEL = ChannelContract(
    "sms",
    "SMS",
    "sms:+33612345678",
    re.compile(r"sms:(?P<secret>\+[1-9]\d{5,12})(?P<name>\d{2})", re.ASCII),
    24,
    prefix="sms:",
    written=_written,
    where="un numéro de mobile, 06 12 34 56 78, là où l’installation a une passerelle",
)
