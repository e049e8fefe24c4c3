"""Levers: what an agent can do on Monday, and the lesson that says how."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lever:
    """One thing to do, without capital nor full stop, and the slug of its lesson."""

    slug: str
    act: str
    lesson: str


_ALL = (
    Lever(
        "question",
        "posez une vraie question aux habitants, et dites ce que la réponse aura changé",
        "faire-reagir",
    ),
    Lever(
        "repondre",
        "répondez aujourd’hui à la question ou à la critique la plus ancienne restée sans réponse",
        "repondre-aux-commentaires",
    ),
    Lever(
        "photo",
        "remplacez la prochaine affiche par une photo prise sur place, à hauteur des mains",
        "photographier",
    ),
    Lever(
        "video",
        "filmez un agent qui explique son geste, en trois plans de dix secondes, avec sous-titres",
        "filmer",
    ),
    Lever(
        "legende",
        "réécrivez la légende de la dernière photo : d’abord ce qui sert, en une ligne",
        "instagram",
    ),
    Lever(
        "epingler",
        "épinglez une publication qui dit à quoi sert la page et quand on y répond",
        "facebook",
    ),
    Lever(
        "citer",
        "répondez à trois comptes d’ici, et citez-en un en disant ce que vous en retenez",
        "bluesky",
    ),
    Lever(
        "relayer",
        "partagez une association d’ici, et mettez deux mots-dièse locaux à la prochaine annonce",
        "mastodon",
    ),
    Lever(
        "choisir",
        "gardez une publication par jour, la plus utile, et laissez tomber les autres",
        "ligne-editoriale",
    ),
    Lever(
        "refaire",
        "relisez les trois publications qui ont le plus fait réagir, et refaites la forme d’une",
        "mesurer-sans-s-y-noyer",
    ),
    Lever(
        "evenement",
        "pour le prochain rendez-vous, écrivez aujourd’hui l’annonce, la veille et le lendemain",
        "annoncer-un-evenement",
    ),
    Lever(
        "visages",
        "montrez quelqu’un d’ici au travail, avec son accord, et ce qu’il fait ce jour-là",
        "droit-a-l-image",
    ),
    Lever(
        "communes",
        "racontez ce qui se passe cette semaine dans une commune membre, et citez son compte",
        "ligne-editoriale",
    ),
    Lever(
        "service",
        "expliquez un service que l’on vous demande souvent, en disant à qui il s’adresse",
        "que-publier-lundi",
    ),
    Lever(
        "quartier",
        "nommez un lieu dans la prochaine publication : une rue, une école, un équipement",
        "faire-reagir",
    ),
    Lever(
        "ligne",
        "relisez vos douze dernières publications, et écrivez à quel habitant chacune servait",
        "ligne-editoriale",
    ),
    Lever(
        "affiche",
        "mettez l’adresse du compte au bas des courriels et sur l’accueil de votre site",
        "etre-trouve",
    ),
    Lever(
        "renvoi",
        "annoncez ce compte sur celui qui est le plus suivi, en disant ce qu’on y trouve de plus",
        "etre-trouve",
    ),
    Lever(
        "mairies",
        "envoyez aux communes membres une annonce prête à partager, avec l’adresse du compte",
        "etre-trouve",
    ),
    Lever(
        "agents",
        "ajoutez l’adresse du compte à la signature des agents et aux courriers des services",
        "etre-trouve",
    ),
    Lever(
        "rendez-vous",
        "terminez la prochaine annonce utile par « prochaine information ici, à 18 h »",
        "etre-trouve",
    ),
    Lever(
        "bulletin",
        "mettez l’adresse, et une raison de s’abonner, au panneau d’affichage et dans le bulletin",
        "etre-trouve",
    ),
    Lever(
        "domaine",
        "demandez à l’informatique de faire de votre nom de domaine le nom du compte",
        "bluesky",
    ),
    Lever(
        "lien",
        "faites valider le lien de votre site sur le profil : on saura que c’est bien vous",
        "mastodon",
    ),
    Lever(
        "guichets",
        "affichez l’adresse aux guichets : piscine, médiathèque, état civil, avec une raison",
        "etre-trouve",
    ),
    Lever(
        "titre",
        "mettez le nom complet et le département dans le titre du compte : on le trouvera",
        "instagram",
    ),
    Lever(
        "partenaires",
        "citez l’école, le club ou l’association dont vous parlez : ils partageront",
        "etre-trouve",
    ),
    Lever(
        "idees",
        "demandez à l’accueil ce qu’on lui a le plus demandé, et publiez une des réponses",
        "que-publier-lundi",
    ),
    Lever(
        "creneaux",
        "bloquez deux créneaux dans l’agenda, lundi 9 h et jeudi 14 h",
        "seul-aux-commandes",
    ),
    Lever(
        "rubrique",
        "ouvrez une rubrique qui revient, si vous pouvez en écrire tout de suite six sujets",
        "tenir-un-rythme",
    ),
    Lever(
        "avance",
        "préparez trois publications d’avance, et placez-les mardi, jeudi et samedi",
        "tenir-un-rythme",
    ),
    Lever(
        "secours",
        "écrivez une liste de dix sujets sans date, pour les semaines pleines",
        "tenir-un-rythme",
    ),
    Lever(
        "conges",
        "programmez dès maintenant une publication utile par semaine de congé",
        "aout",
    ),
    Lever(
        "avant",
        "revenez au rythme d’avant la période, et gardez vos rubriques telles quelles",
        "reserve-electorale",
    ),
)

LEVERS: Mapping[str, Lever] = {one.slug: one for one in _ALL}
