"""Lists that are given page by page: how many there are in all, and where the next page is.

Said by headers (`X-Total-Count`, and `Link` of RFC 8288), so that a list stays a list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from services.api.figures.queries import Figures
from services.api.figures.rows import Row
from services.api.figures.views import View

R = TypeVar("R", bound=Row)

TOTAL, LINK = "X-Total-Count", "Link"

PAGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            TOTAL: {
                "description": "Combien de lignes il y a en tout",
                "schema": {"type": "integer", "minimum": 0},
            },
            LINK: {
                "description": 'L’adresse de la page suivante (`rel="next"`), s’il y en a une',
                "schema": {"type": "string"},
            },
        }
    }
}
"""What a route that gives pages says of its answer."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a list that is asked for: so many lines (`limit`) after so many (`offset`)."""

    request: Request
    response: Response
    limit: int
    offset: int

    async def read(
        self, figures: Figures, view: View[R], parameters: Mapping[str, str]
    ) -> tuple[list[R], int]:
        """Return the lines of the page, and how many there are in all. Errors as `Figures`'s."""
        found = await figures.read(view, range(self.offset, self.offset + self.limit), **parameters)
        last = len(found) < self.limit and (found or not self.offset)
        total = self.offset + len(found) if last else await figures.count(view, **parameters)
        self.response.headers.update(self.headers(total))
        return found, total

    def headers(self, total: int) -> dict[str, str]:
        """Return what an answer says of the other pages."""
        told = {TOTAL: str(total)}
        if (address := self.next(total)) is not None:
            told[LINK] = f'<{address}>; rel="next"'
        return told

    def next(self, total: int) -> str | None:
        """Return the address of the next page, from the root; None at the last one."""
        if self.offset + self.limit >= total:
            return None
        asked = {**self.request.query_params, "offset": str(self.offset + self.limit)}
        return f"{self.request.url.path}?{urlencode(asked)}"


def pages(usual: int, most: int = 500) -> Callable[..., Page]:
    """Return the dependency of a list that is given by so many lines, unless it is told."""

    def asked(
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=most, description="Nombre de lignes au plus")] = usual,
        offset: Annotated[
            int, Query(ge=0, le=1_000_000, description="Lignes à passer (voir l’en-tête `Link`)")
        ] = 0,
    ) -> Page:
        return Page(request, response, limit, offset)

    return asked
