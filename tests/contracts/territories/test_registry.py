"""The committed registry is the country as the reference document counted it."""

from collections import Counter

import pytest

from contracts.territories import Category, Kind, Nature
from libs.matching.territories import named

STRATA = {
    "0-499": 18_264, "500-999": 6_600, "1000-1999": 4_535, "2000-3499": 2_274, "3500-4999": 1_010,
    "5000-7499": 813, "7500-9999": 400, "10000-14999": 397, "15000-19999": 178, "20000-34999": 251,
    "35000-49999": 106, "50000-74999": 65, "75000-99999": 28, "100000-199999": 31, "200000+": 11,
}  # fmt: skip


def test_counts_by_kind(territories):
    counts = Counter(territory.kind for territory in territories)
    # 101 départements: seven are replaced by single collectivités, one of which is a département.
    # 18 régions: Mayotte is ranked among départements. 8 COM: two of them are one commune each.
    assert counts == {
        Kind.COMMUNE: 34_969, Kind.EPCI: 1_255, Kind.EPT: 11, Kind.DEPARTEMENT: 101 - 7 + 1,
        Kind.REGION: 18 - 1, Kind.COM: 8 - 2,
    }  # fmt: skip
    assert territories.manifests[0].counts == {kind.value: count for kind, count in counts.items()}


def test_natures_of_epci(territories):
    natures = Counter(row.nature for row in territories.of_kind(Kind.EPCI))
    assert natures == {Nature.CC: 989, Nature.CA: 230, Nature.CU: 14, Nature.METROPOLE: 22}


def test_categories(territories):
    communes = Counter(row.category for row in territories.of_kind(Kind.COMMUNE))
    assert communes == {
        Category.VILLAGES: 29_399,
        Category.PETITES_VILLES: 5_072,
        Category.VILLES_MOYENNES: 450,
        Category.GRANDES_VILLES: 42,
        Category.AUTRES: 6,
    }
    ranked = Counter(row.category for row in territories if row.ranked)
    assert ranked[Category.COMMUNAUTES_URBAINES] == 14 + 11
    assert ranked[Category.DEPARTEMENTS] == 95
    assert ranked[Category.REGIONS] == 17
    assert ranked[Category.METROPOLES] == 22
    assert Category.AUTRES not in ranked


def test_strata(territories):
    strata = Counter(row.stratum for row in territories if row.stratum)
    assert strata == STRATA
    assert list(dict.fromkeys(STRATA)) == list(STRATA)


def test_provenance(territories):
    (manifest,) = territories.manifests
    assert (manifest.version, manifest.year, manifest.licence) == (
        "6.0.0",
        2026,
        "Licence Ouverte 2.0",
    )
    assert {row.origin for row in territories} == {"registry"}
    assert {row.year for row in territories} == {2026}
    assert not [row.code for row in territories if row.code.startswith("00")]


def test_population_zero_is_not_absent(territories):
    communes = territories.of_kind(Kind.COMMUNE)
    assert sorted(row.code for row in communes if row.population == 0) == [
        "55039", "55050", "55139", "55189", "55239", "55307",
    ]  # fmt: skip
    absent = [row for row in communes if row.population is None]
    assert sorted(row.code for row in absent) == [
        "98411", "98412", "98413", "98414", "98415", "98901",
    ]  # fmt: skip
    assert all(row.stratum is None and not row.ranked for row in absent)
    assert territories["984"].population is None


def test_populations_above_communes_are_sums(territories):
    known = sum(row.population or 0 for row in territories.of_kind(Kind.COMMUNE))
    com = sum(row.population or 0 for row in territories.of_kind(Kind.COMMUNE) if row.zone == "com")
    regions = sum(row.population or 0 for row in territories.of_kind(Kind.REGION))
    assert regions == known - com - (territories["976"].population or 0)
    for code in ("01", "6AE", "69D", "20R", "200046977", "200057867", "242010056"):
        members = territories.covers(code)
        assert territories[code].population == sum(row.population or 0 for row in members), code


@pytest.mark.parametrize(
    ("code", "owner", "category"),
    [
        ("75", "75056", Category.GRANDES_VILLES),
        ("75C", "75056", Category.GRANDES_VILLES),
        ("69M", "200046977", Category.METROPOLES),
        ("69", "69D", Category.DEPARTEMENTS),
        ("67", "6AE", Category.DEPARTEMENTS),
        ("68", "6AE", Category.DEPARTEMENTS),
        ("2A", "20R", Category.REGIONS),
        ("2B", "20R", Category.REGIONS),
        ("94R", "20R", Category.REGIONS),
        ("972", "972R", Category.REGIONS),
        ("02R", "972R", Category.REGIONS),
        ("973", "973R", Category.REGIONS),
        ("976", "976", Category.DEPARTEMENTS),
        ("06R", "976", Category.DEPARTEMENTS),
        ("974", "974", Category.DEPARTEMENTS),
        ("04R", "04R", Category.REGIONS),
        ("13201", "13055", Category.GRANDES_VILLES),
        ("01340", "01015", Category.VILLAGES),
    ],
)
def test_single_collectivites(territories, code, owner, category):
    found = territories.resolve(code)
    assert (found.code, found.category) == (owner, category)


@pytest.mark.parametrize("code", ["75", "67", "2A", "972", "94R", "69", "977", "13201"])
def test_replaced_areas_own_nothing(territories, code):
    assert code not in territories
    assert territories.get(code) is None


def test_lyon_and_its_departement(territories):
    metropole = {row.code for row in territories.covers("200046977")}
    rhone = {row.code for row in territories.covers("69D")}
    assert len(metropole) == 58
    assert not metropole & rhone
    everywhere = {row.code for row in territories.of_kind(Kind.COMMUNE) if row.departement == "69"}
    assert metropole | rhone == everywhere
    assert territories["69123"].covered_by == ("200046977",)


def test_grand_paris(territories):
    assert len([row for row in territories.covers("200054781") if row.kind is Kind.EPT]) == 11
    aubervilliers = territories["93001"]
    assert aubervilliers.covered_by == ("200054781", "200057867", "93")
    assert territories["75056"].covered_by == ("200054781", "11R")


def test_communes_without_epci(territories):
    alone = [row for row in territories.of_kind(Kind.COMMUNE) if row.epci is None]
    assert len(alone) == 98
    assert sorted(row.code for row in alone if row.zone != "com") == [
        "22016",
        "29083",
        "29155",
        "85113",
    ]


def test_com_are_listed_unranked(territories):
    com = [row for row in territories if row.zone == "com"]
    assert len(com) == 94 + 6
    assert not [row.code for row in com if row.ranked]
    saint_barthelemy = territories.resolve("977")
    assert (saint_barthelemy.code, saint_barthelemy.ranked) == ("97701", False)


def test_every_link_leads_somewhere(territories):
    for row in territories:
        assert all(code in territories for code in row.covered_by), row.code
        assert row.departement is None or territories.departement_name(row.departement), row.code


@pytest.mark.parametrize(
    "name",
    [
        "Lens", "Bas-Rhin", "Corse-du-Sud", "Arbignieu", "Cordieux", "Marseille 1er Arrondissement",
        "Dijon Métropole", "Plaine Commune", "Grand Est",
        "Terres australes et antarctiques françaises", "lAmOtTe-bEuVrOn",
    ],
)  # fmt: skip
def test_names_of_all_places_are_known(territories, name):
    assert named(territories, name)


def test_invented_names_are_not(territories):
    assert not named(territories, "Essai-sur-Onde")
    parts = Counter(part.kind for row in territories for part in row.parts)
    assert (parts["deleguee"], parts["associee"], parts["arrondissement"]) == (2_105, 471, 45)


def test_places(territories):
    assert territories.place(territories["62498"]) == "Lens (Pas-de-Calais)"
    assert territories.place(territories["67482"]) == "Strasbourg (Bas-Rhin)"
    assert territories.place(territories["69123"]) == "Lyon (Rhône)"
    assert territories.place(territories["75056"]) == "Paris"
    assert territories.place(territories["6AE"]) == "Collectivité européenne d'Alsace"


@pytest.mark.parametrize(
    ("code", "joined"),
    [
        ("76351", "du Havre"),
        ("01", "de l’Ain"),
        ("23", "de la Creuse"),
        ("81004", "d’Albi"),
        ("62498", "de Lens"),
        ("17300", "de La Rochelle"),
        ("40", "des Landes"),
        ("85194", "des Sables-d'Olonne"),
        ("01001", "de L'Abergement-Clémenciat"),
        ("69D", "du Rhône"),
        ("200046977", "de la Métropole de Lyon"),
        ("246700488", "de l’Eurométropole de Strasbourg"),
        ("242100410", "de Dijon Métropole"),
        ("244500468", "d’Orléans Métropole"),
        ("200057867", "de Plaine Commune"),
        ("246200364", "de la communauté d’agglomération de Lens - Liévin"),
        ("972R", "de la Martinique"),
    ],
)
def test_names_joined_with_de(territories, code, joined):
    assert territories[code].with_de == joined


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("246200364", "Communauté d’agglomération de Lens - Liévin"),
        ("38253", "Les Deux Alpes"),
        ("84054", "L’Isle-sur-la-Sorgue"),
        ("244400404", "Nantes Métropole"),
    ],
)
def test_names_as_people_read_them(territories, code, name):
    assert territories[code].full_name == name


def test_no_grouping_is_joined_by_its_abbreviation(territories):
    joined = [row.with_de for row in territories.of_kind(Kind.EPCI, Kind.EPT)]
    assert not [name for name in joined if name.split(" ")[1:2] in (["CC"], ["CA"], ["CU"])]
