"""Scores: score and rank of an account for a period and a methodology."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from contracts.event import Count, Event, Id, Moment, NetworkSlug

UnrankedReason = Literal[
    "unscored_network",
    "unranked_territory",
    "not_observed",
    "hidden",
    "followers_unknown",
    "few_posts",
    "posts_gap",
    "no_bareme",
]
"""Why an account has no score (docs/methodology.md, section 7); `unscored_network` is a network
that the methodology does not score (its terms forbid it, it has no counters, or not so far)."""


HASHED = (
    "account",
    "network",
    "territory",
    "category",
    "stratum",
    "score",
    "low",
    "high",
    "rank",
    "ranked",
    "stratum_rank",
    "stratum_ranked",
    "reason",
)
"""What a line of the text of a month that is hashed holds, in this order (methodology, 12.1)."""


class ReasonWords(NamedTuple):
    """What is said of a reason in French.

    `brief` in tables and files, `family` and `meaning` on the page of an account, `tile` where
    there is room for a few words, `standing` after a network's name where that is not the tile's.
    What an unscored network means is of the network (`services/api/words/unscored.py`).
    """

    brief: str
    meaning: str = ""
    family: str = "De notre fait"
    tile: str = "non noté, de notre fait"
    standing: str = ""


REASONS: Mapping[str, ReasonWords] = {
    "unscored_network": ReasonWords(
        "réseau non noté",
        family="Réseau non noté",
        tile="jamais noté",
        standing="observé, jamais noté",
    ),
    "unranked_territory": ReasonWords(
        "hors classement",
        "Les collectivités d’outre-mer à statut particulier sont listées, sans rang.",
        "Hors classement",
        tile="hors classement",
    ),
    "not_observed": ReasonWords(
        "non observé",
        "Nous n’avons pas lu ce compte ce mois-ci. Non observé : ce n’est pas un zéro.",
        tile="non observé",
    ),
    "hidden": ReasonWords(
        "masqué",
        "Le compte cache des compteurs dont le score a besoin (le plus souvent ses mentions "
        "« j’aime ») : personne ne peut le noter. Les afficher suffit.",
        "Masqué",
        tile="compteurs masqués",
        standing="non noté, compteurs masqués",
    ),
    "followers_unknown": ReasonWords(
        "abonnés non relevés",
        "Nous n’avons pas relevé le nombre d’abonnés près du début et de la fin du mois.",
    ),
    "few_posts": ReasonWords(
        "pas assez de publications",
        "Moins de 4 publications dans le mois : une moyenne n’aurait pas de sens.",
        "Pas assez de publications",
        tile="trop peu de publications",
        standing="non noté, trop peu de publications",
    ),
    "posts_gap": ReasonWords(
        "relevés manquants",
        "Il nous manque des relevés de publications ce mois-ci : plus d’une sur dix n’a pas "
        "été relue au septième jour.",
    ),
    "no_bareme": ReasonWords(
        "pas de barème",
        "Trop peu de comptes comparables pour établir un barème : il en faut davantage.",
    ),
}


def reason_words(reason: str | None) -> ReasonWords:
    """Return the words of a reason; one that a newer version gave is told to be unknown."""
    unknown = ReasonWords("", "La raison n’est pas connue : signalez-la-nous.")
    return REASONS.get(reason or "", unknown)


class ScoreComputed(Event):
    """Score and rank of an account for a month, or why it has none.

    `score`, `low`, `high` are hundredths of a point (0–10000), rounded half up; ranks are within
    category and DGF stratum on the network.
    """

    account: Id
    network: NetworkSlug
    territory: Id | None
    period: str
    methodology: str
    revision: Count
    state: Literal["provisional", "final"]
    score: Count | None
    low: Count | None
    high: Count | None
    category: str | None
    stratum: str | None
    rank: Count | None
    ranked: Count | None
    stratum_rank: Count | None
    stratum_ranked: Count | None
    reason: UnrankedReason | None
    computed_at: Moment

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account
