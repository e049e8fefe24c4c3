"""What French calls the codes that events and columns hold, in tables and files, one or two words.

A code is what programs read (topics, the engine, JSON). Slugs of networks, categories and strata
are written as they are in files, whose codebook says that they are codes.
"""

from collections.abc import Mapping

from contracts.jobs import CAUSES
from contracts.networks import KNOWN
from contracts.posts import KIND_LABELS
from contracts.scores import REASONS

ORIGINS: Mapping[str, str] = {
    "live": "observé",
    "simulation": "simulation",
    "declared": "déclaré",
}
STATES: Mapping[str, str] = {
    "provisional": "provisoire",
    "final": "définitif",
    "present": "en ligne",
    "deleted": "supprimée",
}
"""Of a month, and of a post."""
SPEAKERS: Mapping[str, str] = {"others": "d’autres", "official": "comptes officiels"}
"""Who says a text that is read."""
ABSENCES: Mapping[str, str] = {
    "not_published": "non publié",
    "hidden": "masqué",
    "not_permitted": "non permis",
    "not_asked": "non demandé",
}
"""Why a counter is null."""
COUNTERS: Mapping[str, str] = {
    "followers": "abonnes",
    "following": "abonnements",
    "posts": "publications",
    "likes": "mentions_j_aime",
    "comments": "commentaires",
    "shares": "partages",
    "quotes": "citations",
    "views": "vues",
}
"""The columns of counters in files."""
SCOPES: Mapping[str, str] = {"category": "catégorie", "family": "famille", "network": "réseau"}
"""How wide the cell of a barème is."""

SHOWN: Mapping[str, Mapping[str, str]] = {
    "kind": KIND_LABELS,
    "state": STATES,
    "said_by": SPEAKERS,
    "reason": {slug: words.brief for slug, words in REASONS.items()},
    "network": {one.slug: one.name for one in KNOWN},
    "last_cause": {slug: words.brief for slug, words in CAUSES.items()},
}
"""The columns of views whose codes panels write in French, by name."""
