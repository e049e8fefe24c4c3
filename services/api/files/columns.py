"""The columns of every CSV file, with what the codebook says of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.kpis import KPIS, UNITS, Kpi
from contracts.panels.labels import ABSENCES, COUNTERS, SCOPES, SHOWN, STATES
from contracts.posts import KIND_LABELS, POST_TOPIC_LABELS
from contracts.territories import Territory
from services.api.figures.month_rows import LEVERS, GivenLine, Indicator, MonthRevision
from services.api.figures.rows import (
    AccountPost,
    BaremeKnots,
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
INSTANT = "instant UTC (ISO 8601) ; heure de Paris dans la variante Excel"
MONTH = "mois AAAA-MM (Europe/Paris)"
CODE = "code, à lire comme un texte"
KPI_NAMES = {kpi.slug: kpi.column for kpi in KPIS}
UNIT_NAMES = {"ratio": "ratio", "per_day": "par jour", "count": "nombre"}
UNRANKED = "vide si le compte est noté ; sinon pourquoi il ne l’est pas (méthodologie, 7)"
NETWORK = "réseau, par le nom qu’il a dans les adresses"
WHY_EMPTY = f"pourquoi un compteur est vide : {', '.join(ABSENCES.values())}"


def absences(absent: Mapping[str, str]) -> str:
    """Write why counters are null: « abonnes : masqué ; vues : non publié »."""
    return " ; ".join(f"{COUNTERS[name]} : {ABSENCES[why]}" for name, why in absent.items())


def topics(slugs: Sequence[str]) -> str:
    """Write what a post speaks of: « sport ; jeu-concours »."""
    return " ; ".join(POST_TOPIC_LABELS[slug] for slug in slugs if slug in POST_TOPIC_LABELS)


def _post_state(of: str) -> Column[Any]:
    labels = {code: STATES[code] for code in ("present", "deleted")}
    return Column("etat", of, "où en est la publication", labels=labels)


def _month_state(of: str) -> Column[Any]:
    labels = {code: STATES[code] for code in ("provisional", "final")}
    return Column("etat", of, "où en est le mois", labels=labels)


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


@dataclass(frozen=True, slots=True)
class Knot:
    """A knot of the barème: a value of a KPI in a cell, in billionths, and its worth in points."""

    of: BaremeKnots
    value: int
    worth: int

    @property
    def origin(self) -> str:
        """Return the origin of the barème."""
        return self.of.origin


def closing(period: str, notice: str | None) -> tuple[Column[object], ...]:
    """Return the last columns of a ranking: its month, what its network forbids."""
    return (
        Column("periode", lambda _: period, "le mois", MONTH),
        Column("remarque", lambda _: notice, "ce que les conditions du réseau ôtent du fichier"),
    )


def _scored(of: str) -> tuple[Column[Any], ...]:
    """Return the columns of a score and its ranks, which are fields `of` a row."""
    return (
        Column("score", f"{of}score", "score du mois", POINTS),
        Column("score_bas", f"{of}low", "borne basse de l’intervalle", POINTS, widened=True),
        Column("score_haut", f"{of}high", "borne haute de l’intervalle", POINTS, widened=True),
        Column("rang", f"{of}rank", "rang dans la catégorie ; vide sous dix notés"),
        Column("classes", f"{of}ranked", "comptes notés de la catégorie", COUNT),
        Column("rang_strate", f"{of}stratum_rank", "rang dans la strate"),
        Column("classes_strate", f"{of}stratum_ranked", "comptes notés de la strate", COUNT),
        Column("motif", f"{of}reason", UNRANKED, labels=SHOWN["reason"]),
    )


_VALUES: tuple[Column[RankedAccount], ...] = tuple(
    Column(kpi.column, kpi.slug, kpi.says, kpi.file_unit or UNITS[kpi.unit], raw=True)
    for kpi in KPIS
)


def _points(kpi: Kpi) -> str:
    return f"note de « {kpi.label} » ; vide si le réseau ne la publie pas"


_NOTES: tuple[Column[GivenLine], ...] = tuple(
    Column(f"note_{kpi.column}", f"{kpi.slug}_points", _points(kpi), POINTS, raw=True)
    for kpi in KPIS
)
_QUARTILES: tuple[Column[GivenLine], ...] = tuple(
    Column(
        f"quartile_{kpi.column}",
        f"{kpi.slug}_quartile",
        f"{_points(kpi)}, par quarts : de 1 (moins de 25) à 4 (75 et plus)",
    )
    for kpi in KPIS
    if kpi.slug in LEVERS
)
RANKING: tuple[Column[RankedAccount], ...] = (
    Column("rang", "rank", "rang dans la catégorie ; vide sous dix notés"),
    Column("classes", "ranked", "comptes notés de la catégorie", COUNT),
    Column("reseau", "network", NETWORK),
    Column("compte", "handle", "nom du compte sur son réseau"),
    Column("adresse", "address", "adresse publique du compte"),
    Column("code", "territory", "territoire d’attache, INSEE ou SIREN", CODE, code=True),
    Column("territoire", "territory_name", "nom du territoire d’attache"),
    Column("categorie", "category", "catégorie (méthodologie, 11.1)"),
    Column("strate", "stratum", "strate de la DGF, communes seulement", CODE, code=True),
    Column("departement", "departement", "département", CODE, code=True),
    Column("region", "region", "région", CODE, code=True),
    Column("population", "population", "population municipale (INSEE)", "habitants"),
    Column("score", "score", "score du mois", POINTS),
    Column("score_bas", "low", "borne basse de l’intervalle du score", POINTS, widened=True),
    Column("score_haut", "high", "borne haute de l’intervalle du score", POINTS, widened=True),
    *_VALUES,
    Column("rang_precedent", "previous_rank", "rang du mois d’avant, tel que publié alors"),
    Column(
        "score_precedent", "previous_score", "score du mois d’avant, tel que publié alors", POINTS
    ),
)
MONTH_LINES: tuple[Column[GivenLine], ...] = (
    Column("identifiant", "account", "le compte pour nous, d’un mois à l’autre"),
    *RANKING,
    Column("motif", "reason", UNRANKED, labels=SHOWN["reason"]),
    Column("rang_strate", "stratum_rank", "rang dans la strate"),
    Column("classes_strate", "stratum_ranked", "comptes notés de la strate", COUNT),
    Column("rang_strate_haut", "stratum_high_rank", "place de la borne haute", raw=True),
    Column("rang_strate_bas", "stratum_low_rank", "place de la borne basse", raw=True),
    Column("abonnements", "following", "comptes suivis, en fin de mois", COUNT, raw=True),
    *_NOTES,
    *_QUARTILES,
    Column("publications", "posts", "publications du mois", COUNT, raw=True),
    Column(
        "publications_mesurees", "measured", "lues à sept jours, dans la moyenne", COUNT, raw=True
    ),
    Column("publications_masquees", "hidden_posts", "compteur masqué, hors de la moyenne", COUNT),
    Column("publications_supprimees", "deleted_posts", "supprimées avant leur lecture", COUNT),
    Column("trous", "gaps", "lectures manquées, de notre fait", COUNT),
    Column("cellule", "scope", "cellule du barème", labels=SCOPES),
)
REVISIONS: tuple[Column[MonthRevision], ...] = (
    Column("periode", "period", "le mois", MONTH),
    Column("revision", "revision", "numéro, depuis 1"),
    _month_state("state"),
    Column("raison", "reason", "pourquoi un mois définitif a été révisé"),
    Column("methodologie", "methodology", "version de la méthodologie"),
    Column("reference_du_bareme", "bareme_reference", "mois dont vient le barème", MONTH),
    Column("empreinte", "hash", "SHA-256 du mois (méthodologie, 12.1)"),
    Column("comptes", "accounts", "lignes du mois", COUNT),
    Column("notes", "ranked", "comptes notés", COUNT),
    Column("calcule_le", "computed_at", "quand ce calcul a été publié", INSTANT),
    Column("retire_le", "withdrawn_at", "quand il a été retiré ; vide s’il ne l’est pas", INSTANT),
    Column("raison_du_retrait", "withdrawn", "pourquoi il a été retiré"),
)
BAROMETER: tuple[Column[Any], ...] = (
    Column("reseau", "network", NETWORK),
    Column("categorie", "category", "catégorie (méthodologie, 11.1) ; vide pour toutes"),
    Column("collectivites", "territories", "collectivités de la catégorie", COUNT),
    Column("presentes", "cell.present", "celles qui ont un compte au registre", COUNT),
    Column("part", "share", "présentes sur collectivités", UNITS["ratio"]),
    Column("presentes_gagnees", "gained", "de plus qu’au mois comparé ; vide sans lui", COUNT),
    Column("comptes", "cell.accounts", "comptes au registre", COUNT),
    Column("notes", "cell.scored", "comptes notés", COUNT),
    Column("score_median", "cell.score", "médiane des comptes notés, dès dix", POINTS),
    Column("score_median_gagne", "rose", "de plus qu’au mois comparé ; vide sans lui", POINTS),
    Column("abonnes_mediane", "cell.followers", "médiane des comptes notés", COUNT),
    Column("engagement_median", "cell.engagement", "médiane des comptes notés", UNITS["ratio"]),
    Column("publications_par_jour_mediane", "cell.frequency", "médiane, plafonnée à 1", "par jour"),
)
INDICATORS: tuple[Column[Indicator], ...] = (
    Column("indicateur", "kpi", "son nom, celui des colonnes", labels=KPI_NAMES),
    Column("nom", "label", "nom en français"),
    Column("unite", "unit", "son unité", labels=UNIT_NAMES),
    Column("poids", "weight", "poids dans le score"),
    Column("reseaux", "networks", "réseaux où il est compté, par le nom qu’ils ont ici"),
    Column(
        "herite",
        lambda row: "oui" if row.inherited else "non",
        "un stock, et non le travail du mois",
    ),
    Column("explication", "explanation", "ce que c’est"),
)
_REACTIONS: tuple[Column[AccountPost | Reading], ...] = (
    Column("mentions_j_aime", "likes", "réactions", COUNT, raw=True),
    Column("commentaires", "comments", "commentaires ou réponses", COUNT, raw=True),
    Column("partages", "shares", "partages", COUNT, raw=True),
    Column("citations", "quotes", "citations", COUNT, raw=True),
    Column("vues", "views", "vues", COUNT, raw=True),
)
_ABSENT: Column[Observation | AccountPost | Reading] = Column(
    "absents", lambda row: absences(row.absent), WHY_EMPTY
)
OBSERVATIONS: tuple[Column[Observation], ...] = (
    Column("releve", "event_id", "identifiant du relevé"),
    Column("observe_le", "observed_at", "quand le compteur a été lu", INSTANT),
    Column("compte", "handle", "nom du compte sur son réseau"),
    Column("abonnes", "followers", "abonnés", COUNT, raw=True),
    Column("abonnements", "following", "comptes suivis", COUNT, raw=True),
    Column("publications", "posts", "publications depuis toujours", COUNT, raw=True),
    Column("mentions_j_aime", "likes", "mentions j’aime de la page", COUNT, raw=True),
    Column("vues", "views", "vues", COUNT, raw=True),
    _ABSENT,
)
POSTS: tuple[Column[AccountPost], ...] = (
    Column("publication", "post", "identifiant de la publication"),
    Column("adresse", "address", "adresse publique"),
    Column("publie_le", "published_at", "quand elle a paru", INSTANT),
    Column("type", "kind", "ce qu’elle est", labels=KIND_LABELS),
    _post_state("state"),
    *_REACTIONS,
    Column("interactions", "interactions", "somme du réseau (méthodologie, 5.7)", COUNT, raw=True),
    Column("engagement", "engagement", "interactions sur les abonnés d’alors", UNITS["ratio"]),
    Column("sujets", lambda one: topics(one.topics), "de quoi elle parle ; dit un jeu-concours"),
    Column("lu_le", "read_at", "dernière lecture", INSTANT),
    _ABSENT,
)
READINGS: tuple[Column[Reading], ...] = (
    Column("lecture", "event_id", "identifiant de la lecture"),
    Column("publication", "post", "identifiant de la publication"),
    Column("publie_le", "published_at", "quand elle a paru", INSTANT),
    Column("creneau", "slot", "pour quand la lecture était prévue", INSTANT),
    Column("lu_le", "observed_at", "quand elle a été faite", INSTANT),
    _post_state("state"),
    *_REACTIONS,
    _ABSENT,
)
ACCOUNT_MONTHS: tuple[Column[MonthScore], ...] = (
    Column("periode", "period", "le mois", MONTH),
    _month_state("state"),
    Column("methodologie", "methodology", "version de la méthodologie"),
    Column("revision", "revision", "numéro du calcul, depuis 1"),
    *_scored(""),
)
HELD_ACCOUNTS: tuple[Column[HeldAccount], ...] = (
    Column("code", "territory.code", "la collectivité, INSEE ou SIREN", CODE, code=True),
    Column("territoire", "territory.nom", "son nom"),
    Column("reseau", "account.network", NETWORK),
    Column("identifiant", "account.account", "le compte pour nous"),
    Column("compte", "account.handle", "nom du compte sur son réseau"),
    Column("adresse", "account.address", "adresse publique du compte"),
    Column(
        "attache",
        lambda row: "oui" if row.account.home else "non",
        "non : partagé, compté chez un autre",
    ),
    Column("abonnes", "account.followers", "au dernier relevé", COUNT, raw=True),
    Column("abonnements", "account.following", "comptes suivis", COUNT, raw=True),
    Column("publications", "account.posts", "depuis toujours", COUNT, raw=True),
    Column(
        "absents",
        lambda row: absences(row.account.absent),
        WHY_EMPTY,
    ),
    Column("observe_le", "account.observed_at", "dernier relevé", INSTANT),
    Column("periode", "period", "le mois du score", MONTH),
    _month_state("score.state"),
    *_scored("score."),
    Column("remarque", "notice", "ce que les conditions du réseau ôtent de la ligne"),
)
FOUND: tuple[Column[Any], ...] = (
    Column("code", "code", "la collectivité, INSEE ou SIREN", CODE, code=True),
    Column("nom", "name", "son nom"),
    Column("nature", "kind", "commune, epci, departement, region…"),
    Column("categorie", "category", "catégorie (méthodologie, 11.1)"),
    Column("strate", "stratum", "strate de la DGF, communes seulement", CODE, code=True),
    Column("population", "population", "population municipale (INSEE)", "habitants"),
    Column("departement", "departement", "département", CODE, code=True),
    Column("region", "region", "région", CODE, code=True),
    Column("epci", "epci", "SIREN de son groupement", CODE, code=True),
    Column("annee_du_code_officiel", "registry_year", "année du code géographique"),
)
KNOTS: tuple[Column[Knot], ...] = (
    Column("methodologie", "of.methodology", "version de la méthodologie"),
    Column("reference", "of.reference", "mois dont vient le barème", MONTH),
    Column("reseau", "of.network", NETWORK),
    Column("cellule", "of.scope", "étendue de la cellule (méthodologie, 8.7)", labels=SCOPES),
    Column("groupe", "of.cell", "catégorie ou famille ; vide pour le réseau entier"),
    Column("indicateur", "of.kpi", "nom de l’indicateur", labels=KPI_NAMES),
    Column("comptes", "of.accounts", "comptes classés de la cellule", COUNT),
    Column("valeur", "value", "valeur de l’indicateur à ce nœud", "milliardièmes"),
    Column("points", "worth", "ce que cette valeur vaut", POINTS),
)
