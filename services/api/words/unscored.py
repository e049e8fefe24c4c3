"""Why a network has no score, in words: its terms, nothing to count, or not scored so far."""

from contracts.networks import network_of
from libs.french import of_name


def why_unscored(network: str) -> tuple[str, str]:
    """Return why a network has no score: in a few words, and in a sentence."""
    one = network_of(network)
    if not one.derived_metrics:
        return "Conditions du réseau", (
            f"Les conditions {of_name(one.name)} interdisent d’en tirer un score ou un "
            "classement. Ses compteurs sont montrés à part."
        )
    if not one.post_counters:
        return "Sans compteurs", f"{one.name} : ce réseau n’a pas de compteurs, il n’est pas noté."
    return "Réseau non noté", (
        f"{one.name} : ce réseau est observé, et la méthodologie ne le note pas. Ses compteurs "
        "sont montrés à part."
    )
