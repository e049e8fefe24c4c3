from contracts.territories import Territories, Territory
from services.api.figures.rows import ListedTerritory
from services.api.watching.unmeasured import comparable


def invented(like: Territory, code: str, population: int) -> ListedTerritory:
    return ListedTerritory(
        code=code, name=code, kind=like.kind.value, category=like.category.value,
        stratum=like.stratum, population=population, departement=None, region=None, epci=None,
        tourist=None, origin="simulation", accounts=1,
    )  # fmt: skip


def test_no_real_territory_leads_to_one_of_exactly_its_population():
    """A real town's own number, under an invented name, would be taken for its own figures."""
    for place in Territories.load():
        population = place.population or 0
        twin, other = invented(place, "twin", population), invented(place, "other", population + 9)
        assert comparable(place, [twin, other]) == other
        assert comparable(place, [twin]) is None
