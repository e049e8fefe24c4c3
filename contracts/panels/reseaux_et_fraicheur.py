"""« Réseaux et fraîcheur »: how old what is shown is, and how reading each network goes."""

from contracts.panels.panel import Dashboard, Field, Panel

AGES = Panel(
    slug="reading_ages",
    question="De quand date ce qui est montré ?",
    view="reading_ages",
    parameters={"at": "at"},
    fields=(
        Field("network", "Réseau", "text"),
        Field("accounts", "Comptes", "count"),
        Field("p50", "Âge médian", "seconds"),
        Field("p95", "95 % en deçà de", "seconds", 86_400),
        Field("late_ratio", "Part au-delà du délai visé", "ratio", 0.25),
    ),
    drawing="table",
    x="network",
    y="late_ratio",
    advice="Au-delà d’un quart en retard, dites-le à côté des chiffres de ce réseau.",
)
SOURCES = Panel(
    slug="sources",
    question="Quel réseau ne répond plus ?",
    view="sources",
    parameters={},
    fields=(
        Field("network", "Réseau", "text"),
        Field("last_done", "Dernière lecture réussie", "instant"),
        Field("last_failed", "Dernier échec", "instant"),
        Field("last_cause", "Cause", "text"),
        Field("done_24h", "Réussies en 24 h", "count"),
        Field("failed_24h", "Échouées en 24 h", "count", 1),
        Field("accounts", "Comptes", "count"),
        Field("stale_accounts", "Au-delà du délai visé", "count"),
    ),
    drawing="table",
    x="network",
    y="failed_24h",
    advice="Un réseau qui échoue n’est pas un zéro : ses chiffres s’arrêtent, et la page le dit.",
)

DASHBOARD = Dashboard(
    slug="reseaux-et-fraicheur",
    title="Réseaux et fraîcheur",
    description="De quand datent les chiffres, et quel réseau ne répond plus.",
    panels=(AGES, SOURCES),
    portal="/sources",
)
