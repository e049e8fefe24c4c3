"""« Veille »: how many public texts are read; what a watch finds, only its territory sees."""

from contracts.panels.panel import Dashboard, Field, Panel

TEXTS = Panel(
    slug="texts_read",
    question="Combien de textes publics la veille a-t-elle lus ?",
    view="texts_read",
    parameters={"since": "date_from"},
    fields=(
        Field("network", "Réseau", "text"),
        Field("said_by", "Dits par", "text"),
        Field("texts", "Textes lus", "count"),
        Field("first_read_at", "Premier", "instant"),
        Field("last_read_at", "Dernier", "instant"),
    ),
    drawing="table",
    x="network",
    y="texts",
    advice=(
        "Une veille qui ne dit rien travaille : voici ce qu’elle a lu. Si le dernier texte date "
        "de plus d’une heure, regardez « Réseaux et fraîcheur »."
    ),
)

DASHBOARD = Dashboard(
    slug="veille",
    title="Veille",
    description="Ce qui est lu en public ; ce qu’une veille trouve est sur le portail.",
    panels=(TEXTS,),
    portal="/veilles",
    lesson="eau-coupee",
)
