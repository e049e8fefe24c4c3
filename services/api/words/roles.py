"""What an account speaks for, in French."""

from contracts.territories import Kind

ROLES = {
    "service": "un service",
    "tourism": "tourisme",
    "mayor": "élu",
    "other": "autre compte",
}
MAIN = {
    Kind.COMMUNE: "mairie",
    Kind.EPCI: "intercommunalité",
    Kind.EPT: "établissement territorial",
    Kind.DEPARTEMENT: "département",
    Kind.REGION: "région",
}


def role(code: str | None, kind: Kind | None = None) -> str:
    """Write a role: « mairie », « tourisme »; empty for the main account of an unknown kind."""
    if code in (None, "", "main"):
        return MAIN.get(kind, "") if kind else ""
    return ROLES.get(code, ROLES["other"])
