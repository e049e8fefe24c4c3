"""Who publishes an installation, and how accessible it is: what pages must name by law.

Sources: loi n° 2004-575 du 21 juin 2004, art. 1-1 (publisher, director, host); loi n° 2005-102,
art. 47, and the RGAA (three states; the share of criteria that are met, by an audit).
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Said = Annotated[str, Field(min_length=2, max_length=300)]
State = Literal["non conforme", "partiellement conforme", "totalement conforme"]

PARTIAL_FROM = 50
"""Percent of the criteria of the RGAA from which a site is partly compliant."""


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Host(_Declared):
    """Who hosts it: name, postal address, telephone."""

    name: Said
    address: Said
    telephone: Said


class Accessibility(_Declared):
    """The state that an audit found: share of criteria met in percent, by whom, on which day.

    `faults` are what is not accessible, a sentence each. Without an audit it is « non conforme ».
    """

    state: State = "non conforme"
    established: date
    rate: float | None = Field(default=None, ge=0, le=100)
    audited_by: str = ""
    faults: tuple[Said, ...] = ()

    @model_validator(mode="after")
    def _borne_out(self) -> "Accessibility":
        least = {"non conforme": 0, "partiellement conforme": PARTIAL_FROM}.get(self.state, 100)
        audited = self.rate is not None and bool(self.audited_by)
        if least and not (audited and (self.rate or 0) >= least):
            raise ValueError(f"« {self.state} » takes an audit that finds {least} % at least")
        return self


class Publisher(_Declared):
    """The publisher: name, seat, telephone, director of publication, who protects data."""

    name: Said
    address: Said
    telephone: Said
    director: Said
    host: Host
    siren: Annotated[str, Field(pattern=r"^\d{9}$")] | None = None
    data_protection: Said
    accessibility: Accessibility | None = None
