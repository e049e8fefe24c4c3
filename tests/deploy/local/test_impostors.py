"""Accounts that imitate a town, in the demonstration: one decided, one that waits; made once."""

import pytest

from deploy.local.first_watch import Addresses
from deploy.local.impostors import imitations, report_impostors
from services.api.census.likeness import Known, likeness
from tests.api.conftest import OPERATOR
from tests.api.conftest import places as places
from tests.portal.test_browser import address as address
from tests.portal.test_browser import figures as figures
from tests.portal.test_browser import store as store


@pytest.mark.parametrize("handle", ["essai-sur-onde.example", "ville.essai-sur-onde.example"])
def test_what_imitates_is_like_the_official_one_and_nobody_holds_it(handle):
    known = Known("a", handle, "x", "00101")
    found = [likeness(one, "bluesky", [known]) for one in imitations(handle)]
    assert [one.how for one in found if one] == ["signs", "added"]
    assert all(one.endswith(".example") for one in imitations(handle))


@pytest.mark.proof
def test_one_is_decided_and_one_waits_and_a_second_start_changes_nothing(address, store):
    at = Addresses(address, "", "", OPERATOR)
    for _ in range(2):
        report_impostors(at)
        (waiting,) = store.accounts.candidates(9, suspected=True)
        (told,) = store.accounts.impostors("00101")
        assert "officiel" in waiting.account.handle
        assert "0nde" in told.account.handle
