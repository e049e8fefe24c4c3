"""Sealed recipients: what opens, with which key, and what is left in the clear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.channels import BY_SCHEME
from libs.sealing import Keys, MissingKey, Seal, new_pair, public_of

ADDRESS = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"
PRIVATE, PUBLIC = new_pair()


@given(st.text(max_size=600))
def test_what_is_sealed_opens(text):
    assert Keys([PRIVATE]).open(Seal(PUBLIC).text(text)) == text


def test_nothing_but_the_scheme_is_seen():
    sealed = Seal(PUBLIC).address(ADDRESS)
    assert sealed.startswith("slack:sealed:")
    assert not {"T0ESSAI", "B0ONDE", "s3cr3t"} & set(sealed.replace(":", "/").split("/"))
    assert sealed != Seal(PUBLIC).address(ADDRESS), "two of one address do not show that they are"
    assert not any(one.takes(sealed) for one in BY_SCHEME.values())
    assert BY_SCHEME["slack"].veiled(sealed) == "slack:…"
    assert Keys([PRIVATE]).open(sealed) == ADDRESS


def test_keys_rotate():
    private, public = new_pair()
    old, new = Seal(PUBLIC).address(ADDRESS), Seal(public).address(ADDRESS)
    both = Keys([private, PRIVATE])
    assert both.open(old) == both.open(new) == ADDRESS
    with pytest.raises(MissingKey):
        Keys([private]).open(old)
    assert public_of(private) == public


@pytest.mark.parametrize("clear", [ADDRESS, "mailto:a@b.example", "sealed", "sealed:x:y", ""])
def test_what_was_never_sealed_is_read_as_it_is(clear):
    assert Keys([PRIVATE]).open(clear) == clear
    assert Seal().address(clear) == clear


def test_a_box_that_was_changed_is_no_address():
    sealed = Seal(PUBLIC).address(ADDRESS)
    changed = sealed[:-6] + ("AAAA" if sealed[-6:-2] != "AAAA" else "BBBB") + sealed[-2:]
    with pytest.raises(ValueError, match="does not open"):
        Keys([PRIVATE]).open(changed)


def test_the_longest_address_still_fits_its_field():
    for contract in BY_SCHEME.values():
        assert len(Seal(PUBLIC).address(f"{contract.scheme}:".ljust(contract.longest, "x"))) <= 1024
