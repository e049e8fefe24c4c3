"""The open data as a catalogue that portals of open data harvest (DCAT 3, JSON-LD).

Source: www.w3.org/TR/vocab-dcat-3. A month is a dataset, each network's file one of its forms.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from contracts.networks import SCORED, network_of
from libs import french
from services.api.figures.views import PERIODS
from services.api.files import parquet
from services.api.web.parameters import Here

router = APIRouter(tags=["mois"])

LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
MEDIA = "https://www.iana.org/assignments/media-types/"
NAMES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
}


class CatalogResponse(JSONResponse):
    """A catalogue."""

    media_type = "application/ld+json"


@router.get("/catalog", response_class=CatalogResponse)
async def show(here: Here) -> Response:
    """Give the months that are published, their files and the registry, as DCAT."""
    portal = here.settings.portal_url.rstrip("/")
    told = here.settings.publisher
    mark = "[SIMULATION] " if here.simulation else ""
    months = [
        _dataset(
            f"{portal}/donnees?periode={one.period}",
            f"{mark}Scores des collectivités sur les réseaux, {french.month(one.period)}",
            one.computed_at.isoformat(),
            [_file(*names) for names in _files(portal, one.period)],
        )
        for one in await here.figures.read(PERIODS)
    ]
    registry = _dataset(
        f"{portal}/officiel",
        f"{mark}Registre des comptes officiels des collectivités",
        here.clock.now().date().isoformat(),
        [_file("JSON, un compte par ligne", f"{portal}/api/v1/registry", "application/x-ndjson")],
    )
    return CatalogResponse(
        {
            "@context": NAMES,
            "@id": f"{portal}/api/v1/catalog",
            "@type": "dcat:Catalog",
            "dct:title": f"{mark}Observatoire des collectivités sur les réseaux",
            "dct:language": "fr",
            "dct:license": {"@id": LICENCE},
            "dct:publisher": {
                "@type": "foaf:Agent",
                "foaf:name": told.name if told else "Observatoire",
                "foaf:homepage": {"@id": portal},
            },
            "dcat:dataset": [*months, registry],
        }
    )


def _files(portal: str, period: str) -> Iterator[tuple[str, str, str]]:
    for network in SCORED:
        address = f"{portal}/api/v1/months/{period}/{network}"
        name = network_of(network).name
        yield f"{name}, CSV", f"{address}.csv", "text/csv"
        yield f"{name}, CSV pour Excel", f"{address}.csv?variant=excel", "text/csv"
        yield f"{name}, Parquet", f"{address}.parquet", parquet.MEDIA
        yield f"{name}, JSON", address, "application/json"


def _dataset(page: str, title: str, modified: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@id": page,
        "@type": "dcat:Dataset",
        "dct:title": title,
        "dct:modified": modified,
        "dct:license": {"@id": LICENCE},
        "dct:accrualPeriodicity": {"@id": FREQUENCY},
        "dcat:landingPage": {"@id": page},
        "dcat:distribution": files,
    }


def _file(title: str, address: str, media: str) -> dict[str, Any]:
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": title,
        "dct:license": {"@id": LICENCE},
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": f"{MEDIA}{media}"},
    }
