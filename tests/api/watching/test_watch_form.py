import pytest

from contracts.channels import CHANNELS, RECIPIENTS_AT_MOST
from contracts.territories import Kind, Territories, Territory
from services.api.watching.form import addresses, read, unrecognised

TYPED = {"territory": "00101", "name": "Eau", "purpose": "Prévenir", "any": "eau potable"}


HOOK = "https://hooks.slack.com/services/T0ESSAI/B0ONDE/s3cr3tsecret"


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.scheme)
def test_the_example_of_a_channel_is_an_address_in_both_its_forms(channel):
    assert addresses(channel.example) == ((channel.example,), ())
    assert addresses(channel.example_given) == ((channel.example,), ())
    assert channel.prefix not in channel.example_given


def test_the_hook_that_slack_gives_is_the_address_of_its_channel():
    typed = f"  {HOOK}/\nanne@essai.example, {HOOK}"
    address = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"
    assert addresses(typed) == ((address, "mailto:anne@essai.example"), ())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("#astreinte", "« #astreinte »"),
        (f"{HOOK}?x", "« https://hooks.slack.com/… »"),
        (HOOK.replace("services", "workflows"), "« https://hooks.slack.com/… »"),
        ("slack://T0ESSAI/s3cr3tsecret", "« slack://T0ESSAI/… »"),
    ],
)
def test_what_is_no_address_is_told_what_is_one_without_its_secret(typed, said):
    found, wrong = addresses(typed)
    assert (found, wrong) == ((), (typed,))
    sentence = unrecognised(wrong)
    assert said in sentence
    assert "s3cr3t" not in sentence
    assert all(f"{one.label} ({one.example_given})" in sentence for one in CHANNELS)


def test_a_comma_in_an_address_is_told_and_takes_no_half_of_it():
    assert addresses("astreinte@mairie,example") == ((), ("astreinte@mairie", "example"))


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
def test_what_cannot_be_delivered_is_no_address(address):
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
def test_a_fault_stands_at_its_field(places, typed, place):
    form = read(TYPED | typed, (), places, lambda _: None)
    assert set(form.faults) == {place}
    assert "pas possible" not in form.faults[place]
    assert form.draft is None


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        (("22h", "7h"), (1320, 420)),
        (("22 h 30", "07:15"), (1350, 435)),
        (("22", "6H"), (1320, 360)),
        (("20 heures", "24h"), (1200, 0)),
        (("22\u202fh\u202f05", "7\u00a0h"), (1325, 420)),
    ],
)
def test_hours_are_read_as_french_people_write_them(places, typed, minutes):
    hours = dict(zip(("quiet_start", "quiet_end"), typed, strict=True))
    form = read(TYPED | hours, (), places, lambda _: None)
    assert form.draft is not None
    assert form.draft.quiet is not None
    assert (form.draft.quiet.start, form.draft.quiet.end) == minutes


@pytest.mark.parametrize("clock", ["25h", "22h60", "ce soir", "24h30", "-1", "²h"])
def test_hours_that_do_not_exist_are_refused(places, clock):
    form = read(TYPED | {"quiet_start": clock, "quiet_end": "7h"}, (), places, lambda _: None)
    assert set(form.faults) == {"quiet"}


def test_a_territory_is_found_by_its_name(places):
    form = read(TYPED | {"territory": "essai sur onde"}, (), places, lambda _: None)
    assert form.draft is not None
    assert form.draft.territory == "00101"


def test_names_that_several_bear_ask_which():
    twins = [
        Territory(
            code=code,
            nom="Saint-Denis",
            kind=Kind.COMMUNE,
            year=2026,
            departement=code[:3].removesuffix("0"),
        )
        for code in ("93066", "97411")
    ]
    known = Territories(twins, ())
    form = read(TYPED | {"territory": "Saint-Denis"}, (), known, lambda _: None)
    assert all(one.code in form.faults["territory"] for one in twins)
    allowed = read(
        TYPED | {"territory": "saint denis"},
        (),
        known,
        lambda one: None if one.code == "97411" else "closed",
    )
    assert allowed.draft is not None
    assert (allowed.draft.territory, allowed.draft.timezone) == ("97411", "Indian/Reunion")


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("", None), ("15", 15), ("15 min", 15), ("1h", 60), ("1h30", 90), ("2 heures", 120)],
)
def test_when_backups_are_told_as_people_type_it(places, typed, minutes):
    form = read(TYPED | {"escalate": typed}, (), places, lambda _: None)
    assert form.faults == {}
    assert form.draft.escalate_minutes == minutes


@pytest.mark.parametrize("typed", ["bientôt", "3 min", "13h", "0"])
def test_a_delay_that_cannot_be(places, typed):
    form = read(TYPED | {"escalate": typed}, (), places, lambda _: None)
    assert set(form.faults) == {"escalate"}
