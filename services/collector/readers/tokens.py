"""Tokens that end: asked for with a credential, kept, renewed before their end, once at a time."""

import asyncio
from collections import defaultdict

import httpx

from libs.clock import Clock
from services.collector.readers.http import fetch
from services.collector.readers.reader import Credential, Failure, Reader, Token, UnreadableBody


class Tokens:
    """The tokens of one process, by the name of their credential."""

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._held: dict[str, Token] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def current(self, reader: Reader, credential: Credential) -> Credential | Failure:
        """Return the credential with its token of now, asked for when none is good any more."""
        if (request := reader.exchange(credential)) is None:
            return credential
        async with self._turns[credential.name]:
            token = self._held.get(credential.name)
            if token is None or (token.renew_at and token.renew_at <= self._clock.now()):
                answer = await fetch(self._http, request, self._clock)
                if isinstance(answer, Failure):
                    return answer
                if 400 <= answer.status < 500 and answer.status not in (408, 429):
                    detail = f"HTTP {answer.status}: no token for this credential"
                    return Failure("credential", detail)
                try:
                    token = reader.token(answer)
                except UnreadableBody as error:
                    return Failure("unavailable", f"no token: {error}")
                self._held[credential.name] = token
            return Credential(credential.name, token.text)

    def forget(self, used: Credential) -> None:
        """Take a token for ended; one that was renewed meanwhile is kept."""
        held = self._held.get(used.name)
        if held is not None and held.text == used.token:
            del self._held[used.name]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the tokens in use."""
        return tuple(token.text for token in self._held.values())
