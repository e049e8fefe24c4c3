"""What posts of local authorities speak of: the topics, and the words that betray each of them.

A topic is derived from a text where the text is at hand (`libs/matching/derived.py`); later only
its slug is kept. A change of words concerns the posts that are read from then on.
"""

from typing import NamedTuple


class PostTopic(NamedTuple):
    """A topic: its slug, its French name, and how the words of a text that speaks of it begin.

    Beginnings are folded (no accent, lower case); one that ends with a space is a whole word.
    """

    slug: str
    label: str
    begins: tuple[str, ...]


POST_TOPICS: tuple[PostTopic, ...] = (
    PostTopic("events", "agenda et fêtes", (
        "festival", "fete ", "fetes ", "festivit", "carnaval", "brocante", "kermesse", "loto ",
        "foire", "artifice", "bal ", "agenda", "sortir ", "guinguette", "buvette",
        "programme ", "retraite", "ceremonie", "voeux", "galette",
    )),
    PostTopic("works", "travaux et circulation", (
        "travaux", "circulation", "deviation", "chantier", "chaussee", "stationnement", "voirie",
        "refection", "enrobe", "canalisation","barree",
    )),
    PostTopic("warnings", "alertes et météo", (
        "vigilance", "meteo", "orage", "canicule", "neige", "verglas", "inondation", "crue",
        "chaleurs", "tempete", "alerte", "evacuation", "froid ",
    )),
    PostTopic("culture", "culture", (
        "mediatheque", "bibliotheque", "exposition", "theatre", "musee", "cultur", "spectacle",
        "conference", "concert", "cinema", "patrimoine", "lecture",
    )),
    PostTopic("children", "enfance et jeunesse", (
        "ecole", "cantine", "creche", "eleve", "loisirs", "jeunes", "periscolaire", "enfan",
        "colleg", "lycee", "famille",
    )),
    PostTopic("council", "vie municipale", (
        "conseil ", "conseilmunicipal", "elus ", "elue", "budget", "deliberation", "maire ",
        "seance", "participatif", "concertation", "election", "mandat",
    )),
    PostTopic("surroundings", "cadre de vie et nature", (
        "environnement", "dechet", "jardin", "arbre", "fleuri", "biodiversite", "proprete",
        "propre ", "nature ", "compost", "recycl", "velo ", "pietonn", "plantation",
    )),
    PostTopic("sport", "sport", (
        "sport", "victoire", "match", "tournoi", "judo", "basket", "handball", "football",
        "petanque", "stade", "gymnase", "piscine", "rugby", "championn", "marathon",
    )),
    PostTopic("services", "vie pratique", (
        "bureaux", "horaires", "ouverture", "fermeture", "ferme ", "fermee ", "fermes ",
        "demarche", "marche ", "permanence", "passeport",
    )),
    PostTopic("solidarity", "solidarité et santé", (
        "solidar", "ccas ", "aines ", "sante ", "sang ", "benevol", "handicap", "vaccin", "medec",
        "collecte ",
    )),
    PostTopic("economy", "commerce et emploi", (
        "emploi", "recrut", "commerce", "commercant", "entreprise", "artisan", "stage ",
    )),
    PostTopic("contest", "jeu-concours", ("concours", "jeuconcours", "tirage", "gagner ")),
)  # fmt: skip

POST_TOPIC_LABELS = {topic.slug: topic.label for topic in POST_TOPICS}
"""How French calls them."""
