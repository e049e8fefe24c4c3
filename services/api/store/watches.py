"""Watches and those whom they tell: nothing is sent to an address before it has confirmed."""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from contracts.event import Id, Origin, Record, hashed_id, next_revision
from contracts.topics import WATCHES
from contracts.watches import BoundedQuery, BoundedQuiet, Facts, Past, Watched, Zone, recipient_name
from services.api.store.errors import StaleError, TransitionError, UnknownError
from services.api.store.invitation_limits import count_invitation
from services.api.store.marks import mark
from services.api.store.messages import Mail, MailingPart
from services.api.store.models import RecipientRow, WatchRow
from services.api.store.returns import opened, sealed

WatchState = Literal["active", "paused", "ended"]
CONFIRMATION_VALID = timedelta(days=14)
RETURN_WITHIN = timedelta(days=1)
PAUSES_KEPT = timedelta(days=36)
"""As long as what was said is compared with (libs/deciding/sightings.py)."""
PAUSES_AT_MOST = 50
"""Pauses that a watch remembers."""

HANDLED_KEPT = 50
"""Events that somebody has seen, of a watch; an event is over long before there are so many."""

SEEN_AGAIN = timedelta(minutes=1)
"""Within it a second « J’ai vu » of an event is the first, of a double tap."""

_DRAFTLESS = ("handled", "ignored", "left", "links_key", "pads", "past", "pauses", "seen")
"""Settings of a row that no draft says, and which changing it leaves alone."""

IGNORED_AT_MOST = 200
"""Texts and sources that a watch was told to leave out."""

_UNTOLD = ("left", "pads")
"""Settings of a row that its event does not bear: when whom (a hash) left, what opens a return."""


class WatchDraft(Record):
    """What a person says of a watch, within the bounds of contracts/watches.py."""

    territory: Id
    name: Annotated[str, MinLen(1), MaxLen(200)]
    purpose: Annotated[str, MinLen(1), MaxLen(500)]
    query: BoundedQuery
    mode: Literal["each", "peak"] = "each"
    window_minutes: Annotated[int, Ge(5), Le(2880)] = 60
    sensitivity: Literal["strict", "balanced", "sensitive"] = "balanced"
    cooldown_minutes: Annotated[int, Ge(0), Le(1440)] = 60
    quiet: BoundedQuiet | None = None
    escalate_minutes: Annotated[int, Ge(5), Le(720)] | None = None
    facts: Facts = ()
    timezone: Zone = "Europe/Paris"


Invite = Callable[[Watched, str, str], Mail | None]
"""Makes the mail that asks an address to confirm, from watch, address and secret; None: no mail."""

Exercise = Callable[[Watched, str], Mail]
"""Makes the mail of an exercise, from watch and address."""


class WatchStore(MailingPart):
    """Watches, by id or territory. Every method blocks: call it from a thread."""

    def create(
        self,
        draft: WatchDraft,
        recipients: tuple[str, ...] = (),
        invite: Invite | None = None,
        past: Past | None = None,
    ) -> Watched:
        """Make a watch and ask each address to confirm, in one transaction.

        Addresses are those of contracts/channels; `past` is what is known of the time before.
        """
        now = self._now()
        with self._database.writing() as session:
            row = WatchRow(
                id=self._mint(), state="active", revision=0, created_at=now, changed_at=now
            )
            _set(row, draft, past, now)
            row.settings = {**row.settings, "links_key": secrets.token_urlsafe(24)}
            session.add(row)
            return self._invite(session, row, dict.fromkeys(recipients), invite)

    def update(
        self, watch: str, draft: WatchDraft, past: Past | None = None, settled: int | None = None
    ) -> Watched:
        """Change what a watch looks for and how it tells.

        Without another `past` it keeps its own, unless it looks for something else. `settled` is
        that of the watch from which the draft was made. Raises UnknownError, TransitionError, and
        StaleError when words or settings have changed since.
        """
        with self._database.writing() as session:
            row = self._row(session, watch)
            _fresh(row, settled)
            _set(row, draft, past, self._now())
            return self._changed(session, row)

    def leave_out(
        self,
        watch: str,
        word: str,
        past: Past | None = None,
        settled: int | None = None,
        *,
        back: bool = False,
    ) -> Watched:
        """Add a word that excludes a text, to those that the watch has now; raises as `update`.

        `back` takes it away. Raises `ValueError` when it has as many as it may.
        """
        with self._database.writing() as session:
            row = self._row(session, watch)
            _fresh(row, settled)
            # Whether it was made within the bounds of today or not.
            draft = WatchDraft.model_construct(**_said(watch_event(row, self._origin)))
            if (word in draft.query.none) != back:
                return watch_event(row, self._origin)
            _set(row, leaving_out(draft, word, back=back), past, self._now())
            return self._changed(session, row)

    def ignore(self, watch: str, what: str, *, back: bool = False) -> Watched:
        """Tell nothing more of a text or a source, by its id; `back` takes that away.

        Raises UnknownError, TransitionError, and `ValueError` when it has as many as it may.
        """
        with self._database.writing() as session:
            row = self._row(session, watch)
            others = [one for one in row.settings.get("ignored", []) if one != what]
            if not back and len(others) >= IGNORED_AT_MOST:
                raise ValueError("too many texts and sources are left out")
            row.settings = {**row.settings, "ignored": others if back else [*others, what]}
            return self._changed(session, row)

    def move(self, watch: str, state: WatchState) -> Watched:
        """Pause, resume or end; raises UnknownError, TransitionError once it has ended.

        A watch that ends forgets whom it told.
        """
        with self._database.writing() as session:
            row = self._row(session, watch)
            _pause(row, state, self._now())
            row.state = state
            if state == "ended":
                row.recipients.clear()
                row.settings = {k: v for k, v in row.settings.items() if k not in _UNTOLD}
            return self._changed(session, row)

    def invite(self, watch: str, address: str, invite: Invite | None = None) -> Watched:
        """Ask an address to confirm, or ask it again with a new secret (the old one dies)."""
        with self._database.writing() as session:
            return self._invite(session, self._row(session, watch), [address], invite)

    def remove(self, watch: str, address: str) -> Watched:
        """Tell an address no more, and forget it, even once the watch has ended.

        Raises UnknownError when it is not there.
        """
        with self._database.writing() as session:
            row = self._row(session, watch, ended=True)
            _forget(row, address)
            return self._changed(session, row)

    def leave(self, watch: str, address: str) -> str | None:
        """Remove an address that asks for it, even once the watch has ended.

        Returns the seal by which it may come back within a day, once; None when it may not.
        Raises UnknownError when it is not there.
        """
        with self._database.writing() as session:
            row = self._row(session, watch, ended=True)
            _forget(row, address)
            name, now = recipient_name(address), self._now()
            left, pads = _left(row, now)
            seal = None
            if row.state != "ended" and name not in left:
                seal, pads[name] = sealed(address)
                left[name] = now.isoformat()
            row.settings = {**row.settings, "left": left, "pads": pads}
            self._changed(session, row)
            return seal

    def come_back(self, watch: str, seal: str, invite: Invite | None = None) -> Watched:
        """Ask to confirm anew an address that left by itself within a day.

        Raises UnknownError for one that did not: whoever was removed stays so.
        """
        with self._database.writing() as session:
            row = self._row(session, watch)
            left, pads = _left(row, self._now())
            found = ((name, opened(seal, pad)) for name, pad in pads.items())
            name, address = next(
                ((n, one) for n, one in found if one and recipient_name(one) == n), ("", "")
            )
            if not address:
                raise UnknownError(f"this address has not left {watch}")
            # That it left is kept: an address that comes and goes is not written to at each turn.
            pads.pop(name)
            row.settings = {**row.settings, "left": left, "pads": pads}
            return self._invite(session, row, [address], invite)

    def handle(self, watch: str, group: str) -> Watched:
        """Note that somebody has seen an event, now: it is not told again for doubling.

        Seen again while that holds changes nothing.
        """
        with self._database.writing() as session:
            row = self._row(session, watch)
            now = self._now()
            known: list[dict[str, str]] = row.settings.get("seen", [])
            if any(
                one["group"] == group and now < datetime.fromisoformat(one["at"]) + SEEN_AGAIN
                for one in known
            ):
                return watch_event(row, self._origin)
            others = [one for one in known if one["group"] != group]
            seen = {"group": group, "at": now.isoformat()}
            row.settings = {**row.settings, "seen": [*others, seen][-HANDLED_KEPT:]}
            return self._changed(session, row)

    def exercise(self, watch: str, write: Exercise) -> int:
        """Send a mail of exercise to every confirmed address; return how many there are.

        Raises UnknownError, TransitionError.
        """
        with self._database.writing() as session:
            watched = watch_event(self._row(session, watch), self._origin)
            told = [one.address for one in watched.recipients if one.confirmed]
            for address in told:
                self._messages.put(session, address, "watch_exercise", write(watched, address))
            return len(told)

    def asked(self, token: str) -> tuple[Watched, str] | None:
        """Watch and address that a secret would confirm, None when it is unknown or too old."""
        with self._database.reading() as session:
            found = self._recipient(session, token)
            if found is None:
                return None
            row = session.get_one(WatchRow, found.watch)
            return watch_event(row, self._origin), found.address

    def confirm(self, token: str) -> tuple[Watched, str]:
        """Confirm the address that was given this secret; twice is as once.

        Raises UnknownError for a secret that is unknown, replaced, or 14 days old.
        """
        with self._database.writing() as session:
            found = self._recipient(session, token)
            if found is None:
                raise UnknownError("no confirmation has this secret")
            row = session.get_one(WatchRow, found.watch, with_for_update=True)
            if found.confirmed_at is not None:
                return watch_event(row, self._origin), found.address
            found.confirmed_at = self._now()
            return self._changed(session, row), found.address

    def get(self, watch: str) -> Watched | None:
        """The watch of this id, with its recipients and whether they confirmed."""
        with self._database.reading() as session:
            row = session.get(WatchRow, watch)
            return watch_event(row, self._origin) if row else None

    def of_territory(self, territory: str) -> list[Watched]:
        """Watches of a territory that have not ended, newest first."""
        return self._listed(WatchRow.territory == territory, WatchRow.state != "ended")

    def tell_again(self) -> int:
        """Have the topic told every watch again (sealed to the key of now); return how many."""
        with self._database.writing() as session:
            known = session.scalars(select(WatchRow)).all()
            for row in known:  # one of before its links had a key
                row.settings = {"links_key": secrets.token_urlsafe(24), **row.settings}
            mark(session, WATCHES, [row.id for row in known], self._now())
            return len(known)

    def all(self) -> list[Watched]:
        """Every watch that has not ended, newest first."""
        return self._listed(WatchRow.state != "ended")

    def _listed(self, *conditions: ColumnElement[bool]) -> list[Watched]:
        query = select(WatchRow).where(*conditions)
        query = query.order_by(WatchRow.created_at.desc(), WatchRow.id)
        with self._database.reading() as session:
            return [watch_event(row, self._origin) for row in session.scalars(query)]

    def _row(self, session: Session, watch: str, *, ended: bool = False) -> WatchRow:
        """Return the row of a watch, locked; `ended` accepts one that has ended."""
        row = session.get(WatchRow, watch, with_for_update=True)
        if row is None:
            raise UnknownError(f"no watch {watch}")
        if row.state == "ended" and not ended:
            raise TransitionError("a watch that has ended changes no more")
        return row

    def _invite(
        self, session: Session, row: WatchRow, addresses: Iterable[str], invite: Invite | None
    ) -> Watched:
        """Ask addresses to confirm, each by a new secret; one that has confirmed stays so."""
        tokens = {address: secrets.token_urlsafe(24) for address in addresses}
        known = {recipient.address: recipient for recipient in row.recipients}
        for address, token in tokens.items():
            if address not in known:
                known[address] = RecipientRow(address=address, confirmed_at=None)
                row.recipients.append(known[address])
            known[address].token_hash = _hashed(token)
            known[address].asked_at = self._now()
        watched = self._changed(session, row)
        for address, token in tokens.items():
            if invite is not None and (mail := invite(watched, address, token)) is not None:
                count_invitation(session, address, self._now())
                self._messages.put(session, address, "watch_confirmation", mail)
        return watched

    def _recipient(self, session: Session, token: str) -> RecipientRow | None:
        query = select(RecipientRow).where(RecipientRow.token_hash == _hashed(token))
        found = session.scalars(query).one_or_none()
        if found is None or found.asked_at + CONFIRMATION_VALID < self._now():
            return None
        return found

    def _changed(self, session: Session, row: WatchRow) -> Watched:
        row.revision = next_revision(row.revision)
        row.changed_at = self._now()
        mark(session, WATCHES, [row.id], row.changed_at)
        return watch_event(row, self._origin)


def watch_event(row: WatchRow, origin: Origin) -> Watched:
    """The watch as an event."""
    fields = {
        "event_id": hashed_id(WATCHES.name, row.id, str(row.revision)),
        "origin": origin,
        "watch": row.id,
        "revision": row.revision,
        "name": row.name,
        "territory": row.territory,
        "recipients": [
            {"address": r.address, "confirmed": r.confirmed_at is not None, **(r.choices or {})}
            for r in row.recipients
        ],
        "state": row.state,
        "created_at": row.created_at.isoformat(),
        "changed_at": row.changed_at.isoformat(),
        **{name: value for name, value in row.settings.items() if name not in _UNTOLD},
    }
    return Watched.read(json.dumps(fields))


def leaving_out(draft: WatchDraft, word: str, *, back: bool = False) -> WatchDraft:
    """Return a draft with a word that excludes a text, or without. Raises `ValueError`."""
    none = tuple(one for one in draft.query.none if one != word)
    none = none if back else (*none, word)
    query = draft.query.model_copy(update={"none": none})
    return WatchDraft.model_validate({**_said(draft), "query": query})


def _said(of: WatchDraft | Watched) -> dict[str, Any]:
    """Return what a person said of a watch."""
    return {name: getattr(of, name) for name in WatchDraft.model_fields}


def _fresh(row: WatchRow, settled: int | None) -> None:
    """Raise StaleError when words or settings have changed since a revision (None: any will do)."""
    if settled is not None and settled != row.settings.get("settled", 0):
        raise StaleError(f"{row.id} has changed since revision {settled}")


def _set(row: WatchRow, draft: WatchDraft, past: Past | None, now: datetime) -> None:
    before = row.settings or {}
    said = draft.model_dump(mode="json", exclude={"territory", "name"})
    row.territory, row.name = draft.territory, draft.name
    kept = {name: before[name] for name in _DRAFTLESS if name in before}
    kept["settled"] = next_revision(row.revision)  # what it will be once this change is made
    if past is None and before and before["query"] != said["query"]:
        # What was usual of other words is not of these: what is known of them begins now.
        past = Past(since=now, until=now)
    if past is not None:
        kept["past"] = past.model_dump(mode="json")
    row.settings = {**said, **kept}


def _pause(row: WatchRow, state: WatchState, now: datetime) -> None:
    """Note when a watch stops looking and looks again: it must not take that for silence."""
    oldest = (now - PAUSES_KEPT).isoformat()
    pauses: list[dict[str, str | None]] = [
        one for one in row.settings.get("pauses", []) if (one["until"] or oldest) >= oldest
    ]
    if state == "paused" and row.state == "active":
        pauses.append({"since": now.isoformat(), "until": None})
    elif state == "active" and row.state == "paused" and pauses:
        pauses[-1] = {**pauses[-1], "until": now.isoformat()}
    row.settings = {**row.settings, "pauses": pauses[-PAUSES_AT_MOST:]}


def _forget(row: WatchRow, address: str) -> None:
    """Remove an address. Raises UnknownError when it is not there."""
    found = next((one for one in row.recipients if one.address == address), None)
    if found is None:
        raise UnknownError(f"{row.id} does not tell this address")
    row.recipients.remove(found)


def _left(row: WatchRow, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    """Return who left within a day, by name, and when; and the pads of those who may come back."""
    since = (now - RETURN_WITHIN).isoformat()
    left = {name: at for name, at in row.settings.get("left", {}).items() if at >= since}
    pads: dict[str, str] = row.settings.get("pads", {})
    return left, {name: pad for name, pad in pads.items() if name in left}


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
