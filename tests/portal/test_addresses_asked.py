"""What is told of an address that is well written and leads to nothing: the fault itself."""

import pytest

from tests.portal.test_pages import text_of


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/comparer/00101?periode=1999-01", 422, "2000-01"),
        ("/comparer/00101?reseau=bluesky&periode=2020-01", 200, "les mois publiés vont"),
        ("/palmares?reseau=bluesky&periode=2020-01", 200, "les mois publiés vont"),
        ("/veilles/nouvelle?territoire=99999", 404, "99999"),
        ("/rapports/mensuel/99999", 404, "99999"),
        ("/entrer/comme", 405, "bouton"),
    ],
)
async def test_the_fault_of_an_address_is_told(portal, figures, address, status, said):
    if "2020-01" in address:
        figures.given["ranking"] = []
        figures.given["territory_months"] = []
    answer = await portal.get(address)
    assert answer.status_code == status
    assert said in text_of(answer.text)


async def test_one_leads_to_ones_own_line(portal):
    page = (await portal.get("/comparer/00101?reseau=bluesky")).text
    assert page.count('id="ma-ligne"') == page.count('href="#ma-ligne"') == 1
