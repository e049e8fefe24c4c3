"""Invented territories, complete but for what a test says."""

from contracts.territories import Kind, Manifest, Territory

MANIFEST = Manifest(
    name="la France d’essai", version="1", origin="simulation", year=2026, source="simulation",
    licence="Licence Ouverte 2.0", attribution="Observatoire", population="inventée",
)  # fmt: skip


def invented(code: str, nom: str, kind: Kind = Kind.COMMUNE, **fields: object) -> Territory:
    """Return an invented territory of 2026, of the département 001."""
    known = {"year": 2026, "origin": "simulation", "departement": "001"}
    return Territory(code=code, nom=nom, kind=kind, **known | fields)
