"""What a process of the alerts runs: parts apart read together what one process reads."""

import httpx
import pytest

from contracts.channels import CHANNELS
from libs.settings import MissingSetting, Settings
from services.alerts import PARTS
from services.alerts.app import build
from tests.alerts.fakes import MemoryWire

HTTP = httpx.AsyncClient()


def groups(*parts: str, **given: object) -> set[str]:
    wire = MemoryWire()
    settings = Settings.model_validate({"installation": "simulation", **given})
    build(settings, http=HTTP, broker=wire, parts=parts)
    return {lane.group for lane in wire.lanes}


def test_parts_apart_read_what_one_process_reads_and_none_of_it_twice():
    apart = [groups(part) for part in PARTS]
    assert sum(map(len, apart)) == len(set[str]().union(*apart))
    assert set[str]().union(*apart) == groups(*PARTS)
    assert groups("couriers") == {f"alerts-{one.scheme}" for one in CHANNELS}


def test_only_who_delivers_opens_recipients():
    assert groups("matchers", "deciders", installation="live")
    with pytest.raises(MissingSetting, match="RECIPIENTS_PRIVATE_KEYS"):
        groups("couriers", installation="live")
