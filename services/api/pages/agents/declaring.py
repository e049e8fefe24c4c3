"""« Déclarer nos chiffres »: an agent uploads the export of an account that no interface opens.

What is declared is shown to the territory's agents and to the observatory's team alone, is never
ranked, and leaves in no file.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from contracts.accounts import AccountRegistered
from contracts.networks import network_of
from contracts.territories import Territory
from libs import french
from libs.french import PARIS
from services.api.declaring.exports import declarable, tools
from services.api.declaring.months import DeclaredAccount, by_account
from services.api.declaring.reading import Read, RefusedError, expected, read
from services.api.declaring.samples import SAMPLES
from services.api.declaring.sheets import LARGEST_FILE_BYTES, UnreadableError
from services.api.entering.agent import who
from services.api.pages.agents.team import place_of
from services.api.store import Store
from services.api.store.agents.declarations import AT_MOST, Declaration
from services.api.store.errors import ConflictError
from services.api.store.registry.accounts import AccountStore
from services.api.web.access import may, reads_territory, writes_territory
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter()

PAGE = "/equipe/{code}/declarer"
LONGEST_FILE_NAME = 120
"""Characters of its name that are kept."""

READING = asyncio.Lock()
"""One file at a time: what a workbook weighs in memory is bounded, but that of one."""

FULL = (
    f"Une collectivité garde {AT_MOST} dépôts au plus. Supprimez d’abord ceux qu’un export plus "
    "récent remplace : supprimer un dépôt efface ses chiffres."
)


async def _page(
    request: Request, store: Store, place: Territory, status: int = 200, **said: Any
) -> Response:
    def read_back() -> tuple[list[Declaration], list[DeclaredAccount]]:
        declared = store.declarations.of_territory(place.code)
        return declared, by_account(declared)

    declared, accounts = await asyncio.to_thread(read_back)
    context: dict[str, Any] = {
        "place": place,
        "declared": declared,
        "accounts": accounts,
        "known": await _known(store.accounts, place.code),
        "writes": may(request, "writing", place.code),
        "expected": expected(),
        "tool_names": {tool.slug: tool.name for tool in tools()},
        "largest": LARGEST_FILE_BYTES // 1024**2,
        "done": None,
        "refused": None,
        "problems": (),
    }
    return page(request, "declarer.html", status, **context | said)


async def _known(accounts: AccountStore, code: str) -> list[AccountRegistered]:
    """Return the accounts of a territory on networks of which an export can be declared."""
    found = await asyncio.to_thread(accounts.of_territory, code)
    return [one for one in found if one.network in declarable() and one.state != "closed"]


@router.get(PAGE, dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str) -> Response:
    """Show what was declared, by account and month, and how to declare."""
    return await _page(request, here.store, place_of(here.territories, code))


@router.post(PAGE, dependencies=[Depends(writes_territory)])
async def declare(
    request: Request,
    here: Here,
    code: str,
    file: Annotated[UploadFile, Form(alias="fichier")],
    account: Annotated[str, Form(alias="compte", max_length=64)] = "",
) -> Response:
    """Take a file in, and say what was made of each column; a wrong file changes nothing."""
    place = place_of(here.territories, code)
    if (refusal := here.refusal(place)) is not None:
        raise HTTPException(409, refusal)
    content = await file.read(LARGEST_FILE_BYTES + 1)
    today = here.clock.now().astimezone(PARIS).date()
    try:
        async with READING:
            told = await asyncio.to_thread(read, content, today)
        _name(told, await _known(here.store.accounts, code), account)
    except UnreadableError as error:
        return await _page(request, here.store, place, 422, refused=str(error))
    except RefusedError as error:
        return await _page(request, here.store, place, 422, problems=error.problems)
    try:
        await asyncio.to_thread(
            here.store.declarations.declare,
            code,
            told.told,
            file=(file.filename or "")[:LONGEST_FILE_NAME],
            by=who(request),
        )
    except ConflictError:
        raise HTTPException(409, FULL) from None
    return await _page(request, here.store, place, done=told)


def _name(told: Read, known: Sequence[AccountRegistered], chosen: str) -> None:
    """Give figures of a file that names no account the one chosen, else the only one there is.

    Raises `UnreadableError` for a file of another network than the account that was chosen.
    """
    account = next((one for one in known if one.account == chosen), None)
    networks = sorted({one.network for one in told.told})
    if account is not None and networks != [account.network]:
        found = french.of_name(french.series(network_of(one).name for one in networks))
        other = network_of(account.network).name
        raise UnreadableError(
            f"Ce fichier vient {found}, et le compte choisi, {account.handle}, est sur {other} : "
            "choisissez un autre compte ou un autre fichier."
        )
    theirs = [account] if account else known
    for place, one in enumerate(told.told):
        handles = [other.handle for other in theirs if other.network == one.network]
        if not one.account and len(handles) == 1:
            told.told[place] = one.model_copy(update={"account": handles[0]})


@router.post(f"{PAGE}/{{declaration}}/supprimer", dependencies=[Depends(writes_territory)])
async def remove(here: Here, code: str, declaration: str) -> Response:
    """Delete what a file declared, for good."""
    await asyncio.to_thread(here.store.declarations.remove, code, declaration)
    return RedirectResponse(f"{PAGE.format(code=code)}#depots", 303)


@router.get(f"{PAGE}/exemple/{{name}}", dependencies=[Depends(reads_territory)])
async def sample(code: str, name: str) -> Response:
    """Give a made-up export, which says that it is; it is read as a real one is."""
    if (found := SAMPLES.get(name)) is None:
        raise HTTPException(404, "Aucun fichier d’exemple n’a ce nom.")
    return Response(found, media_type="text/csv; charset=utf-8")
