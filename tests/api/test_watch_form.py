import pytest

from contracts.channels import CHANNELS, RECIPIENTS_AT_MOST
from contracts.territories import Territories
from services.api.watch_form import addresses, read

TYPED = {"territory": "00101", "name": "Eau", "purpose": "Prévenir", "any": "eau potable"}


@pytest.mark.parametrize("example", [channel.example for channel in CHANNELS])
def test_the_example_of_a_channel_is_an_address(example: str) -> None:
    assert addresses(example) == ((example,), ())


@pytest.mark.parametrize(
    "address",
    [
        f"mailto:{'a' * 600}@b.example",
        "mailto:a@b@c.example",
        "slack://not-a-hook",
        f"slack://T/B/{'x' * 512}",
        "fax:1",
    ],
)
def test_what_cannot_be_delivered_is_no_address(address: str) -> None:
    assert addresses(address) == ((), (address,))


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ({"window": "1"}, "window"),
        ({"cooldown": "9999"}, "cooldown"),
        ({"quiet_start": "25:00", "quiet_end": "07:00"}, "quiet"),
        ({"quiet_start": "22:00", "quiet_end": "07:00", "crisis": "x"}, "crisis"),
        (
            {"recipients": "\n".join(f"a{n}@b.example" for n in range(RECIPIENTS_AT_MOST + 1))},
            "recipients",
        ),
    ],
)
def test_a_fault_stands_at_its_field(
    places: Territories, typed: dict[str, str], place: str
) -> None:
    form = read(TYPED | typed, (), places)
    assert set(form.faults) == {place}
    assert "pas possible" not in form.faults[place]
    assert form.draft is None
