"""Each defence is needed: taken away, the attack that it stops succeeds, or its test fails.

An attack that two defences stop names both: either alone is enough, as other tests show.
"""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select

from libs.identity import provider
from services.api.entering import recognising
from services.api.pages.agents import entering, providers
from services.api.store.agents import attempts, sessions
from services.api.store.agents.attempts import SignInAttemptRow
from services.api.store.agents.entitled import Mailbox
from services.api.store.models import SessionRow
from services.api.throttle import Throttle
from services.api.web import gate, problems
from tests.api.attacks import test_providers as by_provider
from tests.api.attacks import test_sign_in as by_link
from tests.api.attacks.test_providers import ATTACKS, Provided

pytestmark = pytest.mark.proof

Remove = Callable[[pytest.MonkeyPatch, Provided], None]
Try = Callable[[Provided], Awaitable[Any]]

ELSEWHERE = {"origin": by_link.EVIL}


def put(where: object, name: str, instead: object) -> Remove:
    """Put something in place of a defence."""
    return lambda patch, _: patch.setattr(where, name, instead)


def always(answer: object) -> Callable[..., Any]:
    return lambda *_, **__: answer


def all_of(*removed: Remove) -> Remove:
    def remove(patch: pytest.MonkeyPatch, place: Provided) -> None:
        for one in removed:
            one(patch, place)

    return remove


def no_fault(which: str) -> Remove:
    """Links have every fault but this one."""
    real = sessions.fault_of
    return put(
        sessions, "fault_of", lambda *given: None if (said := real(*given)) == which else said
    )


def unkeyed(module: object, what: str) -> Remove:
    """Secrets of this kind are kept as they are."""
    real = recognising.keyed
    return put(
        module,
        "keyed",
        lambda key, of, value: value if of == what else real(key, of, value),
    )


def claim_unchecked(*names: str) -> Remove:
    """These claims of identity tokens may have any value, or none."""
    real = provider.CodeIDToken

    def lenient(claims: Any, header: Any, options: Any, params: Any) -> Any:
        kept = {name: value for name, value in options.items() if name not in names}
        return real(claims, header, kept, params)

    return put(provider, "CodeIDToken", lenient)


def unsigned(token: str, *_: object, **__: object) -> SimpleNamespace:
    """Read a token as whoever wrote it says, whoever that is."""
    head, body, _ = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body)]
    return SimpleNamespace(header=read[0], claims=read[1])


def anything(key: str, typed: str) -> tuple[Mailbox, str]:
    """Take whatever is typed for one address."""
    end = typed.partition(",")[0].rpartition("@")[2].strip()
    return Mailbox(recognising.keyed(key, "address", typed), end, typed), f"mailto:{typed}"


def kept_back(*columns: str, deleting: bool) -> Remove:
    """Attempts come back by these columns alone."""

    def back(self: Any, state: str, browser: str, slug: str) -> str | None:
        given = {"state_key": state, "browser_key": browser, "provider": slug}
        same = [getattr(SignInAttemptRow, name) == given[name] for name in columns]
        with self._database.writing() as session:
            found = session.scalar(select(SignInAttemptRow.onward).where(*same))
            if deleting:
                session.execute(delete(SignInAttemptRow).where(*same))
            return found

    return put(attempts.AttemptStore, "back", back)


def remembered() -> Remove:
    """Rights are those of the first look."""
    real, known = sessions.roles_of, dict[str, Any]()
    return put(
        sessions,
        "roles_of",
        lambda session, key, domain: known.setdefault(key, real(session, key, domain)),
    )


def end_any(self: Any, agent: str, session: str | None = None) -> None:
    with self._database.writing() as opened:
        opened.execute(delete(SessionRow).where(SessionRow.id == session))


def readable(settings: Any, response: Any, name: str, secret: str, seconds: int) -> None:
    response.set_cookie(name, secret, seconds)


def undeclared(**changed: object) -> Remove:
    return lambda _, place: place.declare(**changed)


def named(name: str) -> Try:
    return ATTACKS[name][0]


no_throttle = put(Throttle, "check", always(None))
same_sites = put(gate, "sent_by_another_site", always(False))
anywhere = all_of(
    put(entering, "leads_here", always(True)), put(providers, "leads_here", always(True))
)
everybody = all_of(
    put(entering, "may_enter", always(True)), put(providers, "may_enter", always(True))
)
no_end = put(sessions.SessionStore, "end", always(None))
no_nonce = put(provider.CodeIDToken, "validate_nonce", always(None))
no_signature = put(provider.jwt, "decode", unsigned)
no_party = put(provider.CodeIDToken, "validate_azp", always(None))

OPENED: dict[str, tuple[Try, Remove]] = {
    "link replayed": (by_link.replayed, no_fault("used")),
    "link forwarded": (by_link.forwarded, no_fault("elsewhere")),
    "link forwarded to who asked": (by_link.forwarded_to_who_asked_too, no_fault("elsewhere")),
    "link late": (by_link.late, no_fault("late")),
    "link from a stolen database": (
        by_link.hash_from_a_stolen_database, unkeyed(entering, "link")),
    "older link": (by_link.older_link_after_a_newer_one_was_used,
                   put(entering, "forget", always(None))),
    "replayed state": (named("replayed state"), kept_back("state_key", deleting=False)),
    "login CSRF": (named("login CSRF"), kept_back("state_key", deleting=True)),
    "late return": (named("late"), put(attempts, "ATTEMPT_VALID", timedelta(days=1))),
    "stolen code": (named("code of another browser (PKCE)"),
                    all_of(undeclared(pkce=False), no_nonce)),
    "forged nonce": (named("forged nonce"), no_nonce),
    "no nonce": (named("no nonce"), no_nonce),
    "other issuer": (named("other issuer"), claim_unchecked("iss")),
    "issuer with a slash": (named("issuer with a slash"), claim_unchecked("iss")),
    "other audience": (named("other audience"), all_of(claim_unchecked("aud"), no_party)),
    "other authorized party": (named("other authorized party"), no_party),
    "expired": (named("expired"), put(provider, "SKEW_SECONDS", 10**10)),
    "of tomorrow": (named("of tomorrow"), put(provider, "SKEW_SECONDS", 10**11)),
    "alg none": (named("alg none"), no_signature),
    "alg HS256": (named("alg HS256 by the public key"), no_signature),
    "unpublished key": (named("unpublished key"), no_signature),
    "other access token": (named("other access token"),
                           put(provider.CodeIDToken, "validate_at_hash", always(None))),
    "address not verified": (named("address not verified"), undeclared(verified_claim=None)),
    "verified, as a word": (named("address verified, as a word"), undeclared(verified_claim=None)),
    "nobody's address": (named("nobody's address"), everybody),
    "refused by the operator": (named("refused by the operator"), everybody),
    "no single address": (named("no single address"),
                          all_of(put(providers, "mailbox_of", anything), everybody)),
}  # fmt: skip
"""Each attack opens a session once its defence is taken away."""


@pytest.fixture
async def place(places, figures) -> AsyncIterator[Provided]:
    made = Provided(places, figures)
    yield made
    await made.close()


@pytest.mark.parametrize(("attack", "remove"), OPENED.values(), ids=OPENED)
async def test_the_attack_succeeds_without_its_defence(place, monkeypatch, attack, remove):
    remove(monkeypatch, place)
    answer = await attack(place)
    assert getattr(answer, "status_code", answer) == 303
    assert place.rows(SessionRow)


FAILED: dict[str, tuple[Try, Remove]] = {
    "links tried one after another": (
        by_link.test_links_are_not_tried_one_after_another, no_throttle),
    "scanner that presses buttons": (by_link.scanner_that_presses_buttons, no_fault("elsewhere")),
    "session fixed": (
        by_link.test_the_secret_of_a_session_is_never_one_that_was_there_before, no_end),
    "stolen cookie": (lambda place: by_link.test_a_stolen_cookie_is_worth_nothing_after_the_way_out(
        place, "/sortir"), no_end),
    "idle session": (lambda place: by_link.test_a_session_ends_when_it_is_idle(place, 31, False),
                     put(sessions, "IDLE", timedelta(days=3650))),
    "session from a stolen database": (
        lambda place: by_link.test_what_a_stolen_database_says_opens_no_session(place, "token_key"),
        all_of(unkeyed(entering, "session"), unkeyed(recognising, "session"))),
    "another's session ended": (by_link.test_nobody_ends_the_session_of_another,
                                put(sessions.SessionStore, "end", end_any)),
    "rights that were": (by_link.test_who_is_refused_loses_everything_at_once, remembered()),
    "form of another site": (
        lambda place: by_link.test_a_form_of_another_site_does_nothing(place, "/sortir", ELSEWHERE),
        same_sites),
    "form of nowhere": (
        lambda place: by_link.test_what_comes_with_a_session_says_where_from(place, "/sortir"),
        put(gate, "has_session", always(False))),
    "open redirect": (
        lambda place: by_link.test_the_way_in_leads_to_no_other_site(place, "//evil.example"),
        anywhere),
    "host of another": (by_link.test_a_host_that_is_not_ours_is_asked_for_nothing,
                        put(gate, "known_host", always(True))),
    "drowned in mails": (
        lambda place: by_link.test_nobody_is_drowned_in_mails(place, [by_link.MAILBOX] * 8, 5),
        no_throttle),
    "two addresses": (
        lambda place: by_link.test_what_is_no_single_address_is_mailed_nothing(
            place, f"{by_link.MAILBOX},x@evil.example"),
        put(entering, "mailbox_of", anything)),
    "domain that looks like another": (
        lambda place: by_link.test_a_domain_that_looks_like_another_is_another(place, "a@xgouv.fr"),
        everybody),
    "returns tried one after another": (
        by_provider.test_returns_are_not_tried_one_after_another, no_throttle),
    "sent to a provider by another site": (
        lambda place: by_provider.test_no_other_site_sends_a_browser_to_a_provider(
            place, ELSEWHERE), same_sites),
    "led on by a provider": (
        lambda place: by_provider.test_coming_back_leads_to_no_other_site(place, "//evil.example"),
        anywhere),
}  # fmt: skip
"""Each test fails once the defence that it is about is taken away."""


@pytest.mark.parametrize(("attack", "remove"), FAILED.values(), ids=FAILED)
async def test_the_test_fails_without_its_defence_alone(
    place, places, figures, monkeypatch, attack, remove
):
    await attack(place)
    without = Provided(places, figures)
    remove(monkeypatch, without)
    with pytest.raises(AssertionError):
        await attack(without)
    await without.close()


async def test_scripts_read_the_cookie_of_who_keeps_it_otherwise(places, figures, monkeypatch):
    monkeypatch.setattr(recognising, "keep_cookie", readable)
    with pytest.raises(AssertionError):
        await by_link.test_no_script_nor_other_site_has_the_cookie(
            places, figures, "http://127.0.0.1:8000", "session", set()
        )


async def test_a_page_repeats_the_secret_of_a_link_that_nobody_hides(place, monkeypatch):
    monkeypatch.setattr(problems, "without_secret", lambda path: path)
    with pytest.raises(AssertionError):
        await by_link.test_neither_log_nor_page_repeats_the_secret_of_a_link(place, monkeypatch)
