"""The annuaire says who may enter: addresses of main desks, and their own domains."""

import pytest
from click.testing import CliRunner

from services.api.census.agents import entitled
from services.api.store.agents.entitled import Entitled
from services.cli import main
from tests.api.census.test_annuaire import record

SITE = "https://www.ville-lens.fr/accueil"
WRITTEN = f'[{{"valeur": "{SITE}"}}]'
ADDRESS = Entitled("address", "key of mairie@ville-lens.fr", "62498")
DOMAIN = Entitled("domain", "ville-lens.fr", "62498")


def keyed(address: str) -> str | None:
    return f"key of {address.strip().lower()}" if "@" in address else None


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"adresse_courriel": "mairie@ville-lens.fr"}, [ADDRESS]),
        ({"adresse_courriel": "Mairie@Ville-Lens.fr ; ", "site_internet": [{"valeur": SITE}]},
         [ADDRESS, DOMAIN]),
        ({"adresse_courriel": [{"valeur": "mairie@ville-lens.fr"}], "site_internet": WRITTEN},
         [ADDRESS, DOMAIN]),
        ({"adresse_courriel": "mairie.lens@wanadoo.fr", "site_internet": [{"valeur": SITE}]},
         [Entitled("address", "key of mairie.lens@wanadoo.fr", "62498")]),
        ({"adresse_courriel": "mairie@ville-lens.fr", "site_internet": "{not json"}, [ADDRESS]),
        ({"adresse_courriel": None, "site_internet": [{"valeur": SITE}]}, []),
        ({"adresse_courriel": "https://ville-lens.fr/contact"}, []),
        ({"adresse_courriel": "mairie@ville-lens.fr", "nom": "Mairie annexe - Lens"}, []),
    ],
)  # fmt: skip
def test_main_desks_say_who_may_enter(territories, fields, found):
    assert list(entitled([record(None, **fields)], territories, keyed)) == found


def test_the_operator_approves_and_grants(tmp_path):
    env = {
        "OBSERVATOIRE_INSTALLATION": "live",
        "OBSERVATOIRE_AGENTS_KEY": "k" * 32,
        "DATABASE_URL": f"sqlite:///{tmp_path}/s.db",
    }

    def agents(*words: str) -> str:
        said = CliRunner().invoke(main, ["api", "agents", *words], env=env)
        return said.output.strip() if said.exit_code == 0 else f"refused: {said.output}"

    assert agents("approve", "Ville-Lens.fr", "62498") == "Ville-Lens.fr\t62498"
    assert agents("show", "anne@ville-lens.fr") == "62498\twriting"
    assert agents("grant", "ANNE@ville-lens.fr", "62498", "administration").endswith(
        "administration"
    )
    assert "all\tteam" in agents("team", "anne@ville-lens.fr").splitlines()
    assert "refused" in agents("approve", "no domain", "62498")
    assert "refused" in agents("approve", "ville-lens.fr", "nowhere")
    del env["OBSERVATOIRE_AGENTS_KEY"]
    assert "AGENTS_KEY" in agents("show", "anne@ville-lens.fr")
