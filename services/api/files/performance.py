"""The columns of the file of posts beside their normal."""

from datetime import timedelta

from contracts.posts import KIND_LABELS, POST_TOPIC_LABELS
from services.api.files.csv import Column
from services.api.performance.posts import Compared

COLUMNS: tuple[Column[Compared], ...] = (
    Column("publiee_le", "post.published_at", "quand elle a été publiée", "instant UTC"),
    Column("type", "post.kind", "type de publication", labels=KIND_LABELS),
    Column("adresse", "post.address", "adresse publique"),
    Column("age_jours", lambda one: _days(one), "âge du relevé", "jours"),
    Column("interactions", "interactions", "interactions publiques à cet âge", "nombre", raw=True),
    Column("taux", "rate", "interactions par abonné d’alors", "ratio", raw=True),
    Column("habituel", "normal", "médiane des 100 dernières de ce type, à cet âge", "ratio",
           raw=True),
    Column("fois_l_habituel", "ratio", "taux sur habituel ; vide si moins de 20", "fois"),
    Column("jeune", lambda one: "oui" if one.young else "non", "relevée avant sept jours"),
    Column("a_part", lambda one: "oui" if one.marked else "non", "jeu-concours ou hors norme"),
    Column("signes", "post.text_length", "longueur du texte", "nombre"),
    Column("sujets", lambda one: _topics(one), "sujets reconnus"),
    Column("hashtags", lambda one: " ".join(one.post.hashtags), "hashtags"),
    Column("aussi_sur", lambda one: " ".join(one.post.elsewhere), "réseaux du même texte"),
)  # fmt: skip


def _days(one: Compared) -> float | None:
    return None if one.age is None else round(one.age / timedelta(days=1), 2)


def _topics(one: Compared) -> str:
    return ", ".join(POST_TOPIC_LABELS.get(slug, slug) for slug in one.post.topics)
