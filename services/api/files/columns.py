"""The columns of every CSV file, with what the codebook says of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from contracts.kpis import KPIS, UNITS
from contracts.territories import Territory
from services.api.figures.month_rows import Indicator, MonthLine, MonthRevision
from services.api.figures.rows import (
    AccountPost,
    MonthScore,
    Observation,
    RankedAccount,
    Reading,
    TerritoryAccount,
    TerritoryScore,
)
from services.api.files.csv import Column

POINTS = "points sur 100"
COUNT = UNITS["count"]
INSTANT = "instant UTC (ISO 8601)"
MONTH = "mois AAAA-MM (Europe/Paris)"
CODE = "code, à lire comme un texte"
REASONS = (
    "hidden : masqué par le titulaire ; not_published : le réseau ne le publie pas ; "
    "not_permitted : pas permis ; not_asked : pas demandé"
)
UNRANKED = "vide si le compte est noté ; sinon pourquoi il ne l’est pas (méthodologie, 7)"


def absences(absent: Mapping[str, str]) -> list[str]:
    """Write why counters are null: `followers:hidden`."""
    return [f"{name}:{why}" for name, why in absent.items()]


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account of a territory and its line of a month; `notice`: what its network forbids."""

    territory: Territory
    account: TerritoryAccount
    period: str
    score: TerritoryScore | None
    notice: str | None

    @property
    def network(self) -> str:
        """Return the network of the account."""
        return self.account.network

    def of_score(self, name: str) -> Any:
        """Return a figure of the month; None where the account has no line in it."""
        return getattr(self.score, name) if self.score else None


@dataclass(frozen=True, slots=True)
class Knot:
    """A knot of the barème: a value of a KPI in a cell, in billionths, and its worth in points."""

    methodology: str
    reference: str
    network: str
    scope: str
    cell: str
    kpi: str
    accounts: int
    value: int
    worth: int
    origin: str


def closing(period: str, notice: str | None) -> tuple[Column[object], ...]:
    """Return the last columns of a ranking: its month, what its network forbids."""
    return (
        Column("periode", lambda _: period, "le mois", MONTH),
        Column("remarque", lambda _: notice, "ce que les conditions du réseau ôtent du fichier"),
    )


_VALUES: tuple[Column[RankedAccount], ...] = tuple(
    Column(
        kpi.column, attrgetter(kpi.slug), kpi.says, kpi.file_unit or UNITS[kpi.unit], raw=kpi.raw
    )
    for kpi in KPIS
)
_NOTES: tuple[Column[MonthLine], ...] = tuple(
    Column(kpi.points_column, attrgetter(f"{kpi.slug}_points"), kpi.points_say, POINTS, raw=kpi.raw)
    for kpi in KPIS
)
RANKING: tuple[Column[RankedAccount], ...] = (
    Column("rang", lambda row: row.rank, "rang dans la catégorie ; vide sous dix notés"),
    Column("classes", lambda row: row.ranked, "comptes notés de la catégorie", COUNT),
    Column("reseau", lambda row: row.network, "réseau"),
    Column("compte", lambda row: row.handle, "nom du compte sur son réseau"),
    Column("adresse", lambda row: row.address, "adresse publique du compte"),
    Column(
        "code", lambda row: row.territory, "territoire d’attache, INSEE ou SIREN", CODE, code=True
    ),
    Column("territoire", lambda row: row.territory_name, "nom du territoire d’attache"),
    Column("categorie", lambda row: row.category, "catégorie (méthodologie, 11.1)"),
    Column(
        "strate", lambda row: row.stratum, "strate de la DGF, communes seulement", CODE, code=True
    ),
    Column("departement", lambda row: row.departement, "département", CODE, code=True),
    Column("region", lambda row: row.region, "région", CODE, code=True),
    Column("population", lambda row: row.population, "population municipale (INSEE)", "habitants"),
    Column("score", lambda row: row.score, "score du mois", POINTS),
    Column("score_bas", lambda row: row.low, "borne basse de l’intervalle du score", POINTS),
    Column("score_haut", lambda row: row.high, "borne haute de l’intervalle du score", POINTS),
    *_VALUES,
    Column(
        "rang_precedent",
        lambda row: row.previous_rank,
        "rang du mois d’avant, tel que publié alors",
    ),
    Column(
        "score_precedent",
        lambda row: row.previous_score,
        "score du mois d’avant, tel que publié alors",
        POINTS,
    ),
)
MONTH_LINES: tuple[Column[MonthLine], ...] = (
    Column("identifiant", lambda row: row.account, "le compte pour nous, d’un mois à l’autre"),
    *RANKING,
    Column("motif", lambda row: row.reason, UNRANKED),
    Column("rang_strate", lambda row: row.stratum_rank, "rang dans la strate"),
    Column("classes_strate", lambda row: row.stratum_ranked, "comptes notés de la strate", COUNT),
    Column("rang_strate_haut", lambda row: row.stratum_high_rank, "place de la borne haute"),
    Column("rang_strate_bas", lambda row: row.stratum_low_rank, "place de la borne basse"),
    Column(
        "abonnements", lambda row: row.following, "comptes suivis, en fin de mois", COUNT, raw=True
    ),
    *_NOTES,
    Column("publications", lambda row: row.posts, "publications du mois", COUNT),
    Column(
        "publications_mesurees",
        lambda row: row.measured,
        "lues à sept jours, dans la moyenne",
        COUNT,
    ),
    Column(
        "publications_masquees",
        lambda row: row.hidden_posts,
        "compteur masqué, hors de la moyenne",
        COUNT,
    ),
    Column(
        "publications_supprimees",
        lambda row: row.deleted_posts,
        "supprimées avant leur lecture",
        COUNT,
    ),
    Column("trous", lambda row: row.gaps, "lectures manquées, de notre fait", COUNT),
    Column("cellule", lambda row: row.scope, "cellule du barème : category, family ou network"),
)
REVISIONS: tuple[Column[MonthRevision], ...] = (
    Column("periode", lambda row: row.period, "le mois", MONTH),
    Column("revision", lambda row: row.revision, "numéro, depuis 1"),
    Column("etat", lambda row: row.state, "provisional : provisoire ; final : définitif"),
    Column("raison", lambda row: row.reason, "pourquoi un mois définitif a été révisé"),
    Column("methodologie", lambda row: row.methodology, "version de la méthodologie"),
    Column(
        "reference_du_bareme", lambda row: row.bareme_reference, "mois dont vient le barème", MONTH
    ),
    Column("empreinte", lambda row: row.hash, "SHA-256 du mois (méthodologie, 12.1)"),
    Column("comptes", lambda row: row.accounts, "lignes du mois", COUNT),
    Column("notes", lambda row: row.ranked, "comptes notés", COUNT),
    Column("calcule_le", lambda row: row.computed_at, "quand ce calcul a été publié", INSTANT),
)
INDICATORS: tuple[Column[Indicator], ...] = (
    Column("indicateur", lambda row: row.kpi, "nom court, celui du barème"),
    Column("nom", lambda row: row.label, "nom en français"),
    Column("unite", lambda row: row.unit, "ratio, per_day (par jour) ou count (nombre)"),
    Column("poids", lambda row: row.weight, "poids dans le score"),
    Column("reseaux", lambda row: row.networks, "réseaux où il est compté"),
    Column(
        "herite",
        lambda row: "oui" if row.inherited else "non",
        "un stock, et non le travail du mois",
    ),
    Column("explication", lambda row: row.explanation, "ce que c’est"),
)
_REACTIONS: tuple[Column[AccountPost | Reading], ...] = (
    Column("mentions_j_aime", lambda row: row.likes, "réactions", COUNT, raw=True),
    Column("commentaires", lambda row: row.comments, "commentaires ou réponses", COUNT, raw=True),
    Column("partages", lambda row: row.shares, "partages", COUNT, raw=True),
    Column("citations", lambda row: row.quotes, "citations", COUNT, raw=True),
    Column("vues", lambda row: row.views, "vues", COUNT, raw=True),
)
_ABSENT: Column[Observation | AccountPost | Reading] = Column(
    "absents", lambda row: absences(row.absent), f"pourquoi un compteur est vide ({REASONS})"
)
OBSERVATIONS: tuple[Column[Observation], ...] = (
    Column("releve", lambda row: row.event_id, "identifiant du relevé"),
    Column("observe_le", lambda row: row.observed_at, "quand le compteur a été lu", INSTANT),
    Column("compte", lambda row: row.handle, "nom du compte sur son réseau"),
    Column("abonnes", lambda row: row.followers, "abonnés", COUNT, raw=True),
    Column("abonnements", lambda row: row.following, "comptes suivis", COUNT, raw=True),
    Column("publications", lambda row: row.posts, "publications depuis toujours", COUNT, raw=True),
    Column("mentions_j_aime", lambda row: row.likes, "mentions j’aime de la page", COUNT, raw=True),
    Column("vues", lambda row: row.views, "vues", COUNT, raw=True),
    _ABSENT,
)
POSTS: tuple[Column[AccountPost], ...] = (
    Column("publication", lambda row: row.post, "identifiant de la publication"),
    Column("adresse", lambda row: row.address, "adresse publique"),
    Column("publie_le", lambda row: row.published_at, "quand elle a paru", INSTANT),
    Column("type", lambda row: row.kind, "texte, photo, vidéo…"),
    Column("etat", lambda row: row.state, "present ou deleted (supprimée)"),
    *_REACTIONS,
    Column(
        "interactions",
        lambda row: row.interactions,
        "somme du réseau (méthodologie, 5.7)",
        COUNT,
        raw=True,
    ),
    Column(
        "engagement",
        lambda row: row.engagement,
        "interactions sur les abonnés d’alors",
        UNITS["ratio"],
    ),
    Column("lu_le", lambda row: row.read_at, "dernière lecture", INSTANT),
    _ABSENT,
)
READINGS: tuple[Column[Reading], ...] = (
    Column("lecture", lambda row: row.event_id, "identifiant de la lecture"),
    Column("publication", lambda row: row.post, "identifiant de la publication"),
    Column("publie_le", lambda row: row.published_at, "quand elle a paru", INSTANT),
    Column("creneau", lambda row: row.slot, "pour quand la lecture était prévue", INSTANT),
    Column("lu_le", lambda row: row.observed_at, "quand elle a été faite", INSTANT),
    Column("etat", lambda row: row.state, "present ou deleted (supprimée)"),
    *_REACTIONS,
    _ABSENT,
)
ACCOUNT_MONTHS: tuple[Column[MonthScore], ...] = (
    Column("periode", lambda row: row.period, "le mois", MONTH),
    Column("etat", lambda row: row.state, "provisional : provisoire ; final : définitif"),
    Column("methodologie", lambda row: row.methodology, "version de la méthodologie"),
    Column("revision", lambda row: row.revision, "numéro du calcul, depuis 1"),
    Column("score", lambda row: row.score, "score du mois", POINTS),
    Column("score_bas", lambda row: row.low, "borne basse de l’intervalle", POINTS),
    Column("score_haut", lambda row: row.high, "borne haute de l’intervalle", POINTS),
    Column("rang", lambda row: row.rank, "rang dans la catégorie ; vide sous dix notés"),
    Column("classes", lambda row: row.ranked, "comptes notés de la catégorie", COUNT),
    Column("rang_strate", lambda row: row.stratum_rank, "rang dans la strate"),
    Column("classes_strate", lambda row: row.stratum_ranked, "comptes notés de la strate", COUNT),
    Column("motif", lambda row: row.reason, UNRANKED),
)
HELD_ACCOUNTS: tuple[Column[HeldAccount], ...] = (
    Column(
        "code", lambda row: row.territory.code, "la collectivité, INSEE ou SIREN", CODE, code=True
    ),
    Column("territoire", lambda row: row.territory.nom, "son nom"),
    Column("reseau", lambda row: row.account.network, "réseau"),
    Column("identifiant", lambda row: row.account.account, "le compte pour nous"),
    Column("compte", lambda row: row.account.handle, "nom du compte sur son réseau"),
    Column("adresse", lambda row: row.account.address, "adresse publique du compte"),
    Column(
        "attache",
        lambda row: "oui" if row.account.home else "non",
        "non : partagé, compté chez un autre",
    ),
    Column("abonnes", lambda row: row.account.followers, "au dernier relevé", COUNT, raw=True),
    Column("abonnements", lambda row: row.account.following, "comptes suivis", COUNT, raw=True),
    Column("publications", lambda row: row.account.posts, "depuis toujours", COUNT, raw=True),
    Column(
        "absents",
        lambda row: absences(row.account.absent),
        f"pourquoi un compteur est vide ({REASONS})",
    ),
    Column("observe_le", lambda row: row.account.observed_at, "dernier relevé", INSTANT),
    Column("periode", lambda row: row.period, "le mois du score", MONTH),
    Column(
        "etat", lambda row: row.of_score("state"), "provisional : provisoire ; final : définitif"
    ),
    Column("score", lambda row: row.of_score("score"), "score du mois", POINTS),
    Column("score_bas", lambda row: row.of_score("low"), "borne basse de l’intervalle", POINTS),
    Column("score_haut", lambda row: row.of_score("high"), "borne haute de l’intervalle", POINTS),
    Column(
        "rang", lambda row: row.of_score("rank"), "rang dans la catégorie ; vide sous dix notés"
    ),
    Column("classes", lambda row: row.of_score("ranked"), "comptes notés de la catégorie", COUNT),
    Column("rang_strate", lambda row: row.of_score("stratum_rank"), "rang dans la strate"),
    Column(
        "classes_strate",
        lambda row: row.of_score("stratum_ranked"),
        "comptes notés de la strate",
        COUNT,
    ),
    Column("motif", lambda row: row.of_score("reason"), UNRANKED),
    Column("remarque", lambda row: row.notice, "ce que les conditions du réseau ôtent de la ligne"),
)
FOUND: tuple[Column[Any], ...] = (
    Column("code", lambda row: row.code, "la collectivité, INSEE ou SIREN", CODE, code=True),
    Column("nom", lambda row: row.name, "son nom"),
    Column("nature", lambda row: row.kind, "commune, epci, departement, region…"),
    Column("categorie", lambda row: row.category, "catégorie (méthodologie, 11.1)"),
    Column(
        "strate", lambda row: row.stratum, "strate de la DGF, communes seulement", CODE, code=True
    ),
    Column("population", lambda row: row.population, "population municipale (INSEE)", "habitants"),
    Column("departement", lambda row: row.departement, "département", CODE, code=True),
    Column("region", lambda row: row.region, "région", CODE, code=True),
    Column("epci", lambda row: row.epci, "SIREN de son groupement", CODE, code=True),
    Column("annee_du_code_officiel", lambda row: row.registry_year, "année du code géographique"),
)
KNOTS: tuple[Column[Knot], ...] = (
    Column("methodologie", lambda row: row.methodology, "version de la méthodologie"),
    Column("reference", lambda row: row.reference, "mois dont vient le barème", MONTH),
    Column("reseau", lambda row: row.network, "réseau"),
    Column("portee", lambda row: row.scope, "category, family ou network (méthodologie, 8.7)"),
    Column("cellule", lambda row: row.cell, "catégorie ou famille ; vide pour le réseau entier"),
    Column("indicateur", lambda row: row.kpi, "nom court de l’indicateur"),
    Column("comptes", lambda row: row.accounts, "comptes classés de la cellule", COUNT),
    Column("valeur", lambda row: row.value, "valeur de l’indicateur à ce nœud", "milliardièmes"),
    Column("points", lambda row: row.worth, "ce que cette valeur vaut", POINTS),
)
