"""Attacks by the defence that stops them, and how that defence is taken away.

An attack is a test, named as pytest names it, or as its name begins where one defence stops
several: `…::test_an_attack[host` is every row of that test whose id begins so.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from aiohttp.connector import ClientConnectorError

from contracts.watches import recipient_name
from tests.attacks.removals import (
    Everything,
    Remove,
    any_note,
    as_it_is,
    asked_for,
    contracts,
    days,
    fetch_metadata,
    file_mode,
    let_through,
    mail_address,
    multicast,
    nat64,
    no_headers,
    numbers,
    origin,
    private_networks,
    replaced,
    roles,
    set_aside,
    unescaped,
    unguarded,
    wrapped,
    yes,
)

REQUESTS = "tests/api/attacks/test_requests.py::"
REFUSED = f"{REQUESTS}test_an_attack_is_refused_in_words"
EVERY = "tests/api/attacks/test_every_route.py::"
FORMS = f"{EVERY}test_no_form_of_another_site_is_taken"
GIVEN = f"{EVERY}test_nothing_that_is_given_makes_a_fault_or_leaves"
OUTBOUND = "tests/libs/outbound/test_outbound.py::"
PUBLIC = f"{OUTBOUND}test_an_address_is_public_or_not"
ODD = f"{OUTBOUND}test_an_address_written_oddly_is_refused"
FETCHED = "tests/collector/readers/test_http.py::"
PLANNED = "tests/collector/planning/test_planner.py::"
BUCKETS = "tests/collector/planning/test_buckets.py::"
FRAMED = "tests/alerts/delivery/test_channel.py::"
WORKED = "tests/collector/test_worker.py::"
ACCESS = "tests/api/test_route_access.py::"
REBALANCED = "tests/alerts/test_rebalance.py::"
MAILED = "tests/alerts/channels/test_mailto.py::"
CODEBOOK = "tests/api/routes/test_codebook.py::"
CONSENT = "tests/portal/test_consent.py::"
GUESSED = f"{CONSENT}test_who_knows_watch_and_address_neither_unsubscribes_nor_learns_who_is_told"
OF_THE_WEB = "tests/collector/networks/test_facebook.py::TestFacebook::test_only_addresses_of_the"
CHANNELS = tuple(
    f"tests/alerts/channels/test_{scheme}.py::Test{name}::"
    for scheme, name in {
        "mailto": "Mail",
        "slack": "Slack",
        "mattermost": "Mattermost",
        "teams": "Teams",
        "matrix": "Matrix",
    }.items()
)
PRIVATE = (
    "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255",
)  # fmt: skip


@dataclass(frozen=True)
class Defence:
    """What stops some attacks, what takes it away, and where each attack is a test.

    `errors` are what an attack that gets through ends in, where no assertion tells.
    """

    name: str
    remove: Remove
    attacks: tuple[str, ...]
    errors: tuple[type[Exception], ...] = ()

    def stops(self, test: str) -> bool:
        """Tell whether a test is one of its attacks."""
        return any(
            test.startswith(each) if "[" in each else test.partition("[")[0] == each
            for each in self.attacks
        )


def connecting(part: str, by: object, attack: str) -> Defence:
    """A part of the page by which accounts are connected, and what it stops."""
    test = f"tests/api/attacks/test_connecting.py::test_{attack}"
    return Defence(
        f"{part} of connections",
        replaced(f"services.api.pages.agents.connecting.{part}", by=by),
        (test,),
    )


DEFENCES = (
    # What a browser is made to send.
    Defence(
        "Fetch Metadata",
        fetch_metadata,
        (f"{REFUSED}[fetch metadata", f"{FORMS}[fetch metadata"),
    ),
    Defence("Origin", origin, (f"{REFUSED}[origin", f"{FORMS}[origin")),
    Defence(
        "allowed hosts",
        replaced("services.api.web.gate.known_host", by=yes),
        (f"{REFUSED}[host", f"{EVERY}test_no_route_answers_by_another_name"),
        (httpx.RemoteProtocolError,),
    ),
    Defence(
        "headers around every answer",
        no_headers,
        (f"{REQUESTS}test_a_fault_of_ours_is_answered_with_every_header",),
    ),
    Defence(
        "links to our own pages alone",
        replaced("services.api.pages.about.leads_here", by=yes),
        (f"{REQUESTS}test_no_link_leaves_by_an_address_that_was_given",),
    ),
    # What a visitor sends.
    Defence(
        "a bound on bodies",
        replaced("services.api.web.gate.LARGEST_BODY", by=2**60),
        (
            f"{REFUSED}[large",
            f"{REQUESTS}test_what_is_sent_in_pieces_is_bounded_too",
            f"{EVERY}test_no_route_takes_more_than_a_form_is",
        ),
    ),
    Defence(
        "a length said once, in digits",
        replaced("services.api.web.gate.Gate.refusal", by=let_through),
        (f"{REFUSED}[length", f"{REFUSED}[two lengths"),
    ),
    Defence(
        "an address that is none is no fault",
        replaced("contracts.addresses.fiction.parts_of", by=urlsplit),
        (f"{GIVEN}[marks of a terminal",),
    ),
    Defence(
        "locations quoted",
        replaced("starlette.responses.quote", by=as_it_is),
        (f"{GIVEN}[ends of lines",),
    ),
    Defence("what pages repeat escaped", unescaped, (f"{GIVEN}[a script", f"{GIVEN}[an attrib")),
    Defence("days that figures have", days, (f"{REFUSED}[date_from=0001",)),
    Defence(
        "throttles",
        replaced("services.api.throttle.Throttle.check", by=let_through),
        (
            f"{REQUESTS}test_wrong_tokens_are_throttled_and_told",
            f"{REQUESTS}test_previews_and_watches_made_are_throttled",
            f"{REQUESTS}test_requests_of_rights_are_throttled",
            f"{REQUESTS}test_requests_of_the_api_are_throttled_by_address",
        ),
    ),
    Defence(
        "zones that exist",
        replaced("contracts.watches.ZoneInfo", by=lambda _: ZoneInfo("UTC")),
        ("tests/api/watching/test_watch_zone.py::test_a_zone_that_does_not_exist_is_refused[Mars",),
    ),
    Defence(
        "methods that metrics know",
        replaced("services.api.web.measured.METHODS", by=Everything()),
        (
            "tests/api/operations/test_observing.py::test_methods_that_there_are_not_are_counted_as_one",
        ),
    ),
    # What an agent, or a recipient, has no right to.
    Defence(
        "notes are read by their territory",
        replaced("services.api.pages.pictures.reader_of", by=lambda _, territory: territory),
        ("tests/portal/test_notes.py::test_a_note_is_the_territorys_alone",),
    ),
    Defence(
        "notes are changed by their territory",
        replaced("services.api.store.agents.notes.row_of", by=any_note),
        ("tests/portal/test_notes.py::test_a_note_of_another_territory_is_none_of_mine",),
    ),
    Defence(
        "a delegation stands once it is granted",
        replaced("services.api.store.agents.entitled.delegated_to", by=asked_for),
        ("tests/portal/test_delegating.py::test_nothing_opens_before_it_is_granted",),
    ),
    Defence(
        "who administers by delegation is told apart",
        replaced("services.api.entering.agent.Agent.administers_itself", by=yes),
        (
            "tests/api/test_naming.py::test_who_names_whom[invite-delegation]",
            "tests/api/test_naming.py::test_who_names_whom[change-delegation]",
            "tests/api/test_naming.py::test_who_names_whom[grant-delegation]",
            "tests/api/test_naming.py::test_who_names_whom[refuse-delegation]",
            "tests/api/test_naming.py::test_a_territory_alone_says_who_acts_in_its_name[delegation",
            "tests/api/test_naming.py::test_the_commune_takes_itself_back_whatever_its_delegate_tried",
        ),
    ),
    Defence(
        "a logo is a picture",
        replaced("services.api.pages.agents.delegating.drawable", by=yes),
        ("tests/portal/test_delegating.py::test_what_no_sheet_can_bear_is_no_logo",),
    ),
    Defence(
        "one's own address on Mondays",
        replaced("services.api.store.agents.entitled.EntitledStore.is_of", by=yes),
        ("tests/portal/test_mondays.py::test_an_agent_asks_for_it_with_their_own_address",),
    ),
    Defence(
        "roles of agents",
        roles,
        (
            f"{ACCESS}test_a_visitor_reads_and_changes_nothing_of_a_territory",
            f"{ACCESS}test_the_agent_of_another_territory_neither",
            f"{ACCESS}test_reading_is_not_writing",
            f"{ACCESS}test_a_watch_is_not_given_to_another_territory",
        ),
    ),
    Defence(
        "a key in the names of recipients",
        replaced(
            "contracts.watches.recipient_name", by=lambda address, _=None: recipient_name(address)
        ),
        (
            f"{GUESSED}[{recipient_name('mailto:anne@essai.example')}",
            f"{CONSENT}test_each_watch_names_an_address_in_its_own_way",
        ),
    ),
    # Who connects an account.
    connecting("session_name", lambda *_: "", "a_way_back_of_another_session_opens_nothing"),
    connecting("verifier_of", lambda *_: "v" * 64, "a_code_that_leaked_is_of_no_use"),
    connecting("is_owner", yes, "another_account_than_the_one_chosen_is_not_kept"),
    connecting("require", let_through, "who_may_write_no_more_connects_nothing"),
    Defence(
        "tokens sealed in the store",
        replaced("libs.sealing.Seal.text", by=lambda _, text: text),
        ("tests/api/attacks/test_connecting.py::test_from_consent_to_a_figure_and_back",),
    ),
    # Where an address leads.
    Defence(
        "no private network",
        private_networks,
        (
            *(f"{PUBLIC}[{ip}]" for ip in PRIVATE),
            *(f"{ODD}[http://{ip}/]" for ip in PRIVATE),
            f"{PUBLIC}[fe80",
            f"{PUBLIC}[fc00",
            f"{PUBLIC}[2001:db8",
            f"{ODD}[http://me:x@127",
            f"{ODD}[http://127\\u3002",
            f"{ODD}[http://127\\uff0e",
            f"{ODD}[http://[fe80",
            f"{OUTBOUND}test_whatever_the_dots",
        ),
    ),
    Defence(
        "no multicast",
        multicast,
        tuple(f"{PUBLIC}[{ip}" for ip in ("224.", "239.", "ff02")),
    ),
    Defence(
        "no IPv4 wrapped in IPv6",
        wrapped,
        tuple(f"{PUBLIC}[{ip}" for ip in ("::1", "::ffff", "64:ff9b:1:", "2002:", "192.88", "fec0"))
        + tuple(f"{ODD}[http://[{ip}" for ip in ("::1", "::ffff", "64:ff9b:1:", "2002:", "fec0")),
    ),
    Defence(
        "what NAT64 leads to",
        nat64,
        (
            f"{PUBLIC}[64:ff9b::127",
            f"{PUBLIC}[64:ff9b::a9fe",
            f"{ODD}[http://[64:ff9b::127",
            f"{ODD}[http://[64:ff9b::a9fe",
        ),
    ),
    Defence(
        "numbers read as the system reads them",
        numbers,
        tuple(f"{ODD}[http://{host}" for host in ("127.1", "2130706433", "0x7f")),
    ),
    Defence(
        "the address checked is the one called",
        unguarded,
        (
            f"{OUTBOUND}test_a_listener_of_this_machine_is_not_reached",
            f"{OUTBOUND}test_each_address_of_a_name_is_checked_when_it_is_called",
            f"{OUTBOUND}test_a_live_session_reaches_public_addresses_only_but_where_it_is_led",
            f"{FETCHED}test_our_own_network_is_never_asked",
        ),
        (ClientConnectorError,),
    ),
    # What a host answers.
    Defence(
        "a bound on answers",
        replaced("services.collector.readers.http.body_of", by=lambda answer, *_: answer.aread()),
        (f"{FETCHED}test_a_body_that_is_too_large_is_abandoned",),
    ),
    Defence(
        "a bound on redirections",
        replaced("services.collector.readers.http.MOST_REDIRECTIONS", by=30),
        (f"{FETCHED}test_redirections_have_an_end",),
    ),
    Defence(
        "a bound on what an outcome remembers",
        replaced("services.collector.worker.newest_kept", by=tuple),
        tuple(
            f"{WORKED}test_an_outcome_fits_in_a_record_whatever_was_answered[parsed{number}"
            for number in range(4)
        ),
    ),
    Defence(
        "a bound on cursors",
        replaced("services.collector.worker.LONGEST_CURSOR", by=2**40),
        (f"{WORKED}test_an_outcome_fits_in_a_record_whatever_was_answered[parsed5",),
    ),
    Defence(
        "subjects set aside",
        set_aside,
        (f"{PLANNED}test_a_subject_of_which_no_job_can_be_made_stops_nobody[rss-http://[nowhere",),
        (ValueError,),
    ),
    Defence(
        "addresses of pages alone, where read",
        replaced("services.collector.readers.findings.web_address", by=as_it_is),
        (f"{OF_THE_WEB}_web_are_kept",),
    ),
    Defence(
        "addresses of pages alone, where told",
        replaced("services.alerts.delivery.telling.web_address", by=as_it_is),
        tuple(f"{channel}test_no_message_links_to_what_is_no_page" for channel in CHANNELS),
    ),
    Defence(
        "a spreadsheet's formulas defused",
        replaced("services.api.files.csv.would_run", by=lambda _: False),
        (
            f"{CODEBOOK}test_only_the_file_for_spreadsheets_defuses_a_formula[excel",
            f"{CODEBOOK}test_neither_a_list_nor_a_code_hides_a_formula_from_a_spreadsheet",
        ),
    ),
    # Where messages go.
    Defence(
        "the form of a mail address",
        mail_address,
        (f"{MAILED}test_what_no_mail_can_bear_the_form_refuses",),
    ),
    Defence(
        "one address, of the channel's own form",
        contracts,
        (f"{CHANNELS[0]}test_an_address_that_is_none_is_given_up[mailto:a@b.example,c",),
    ),
    # Who reads or writes topics, files, logs.
    Defence(
        "recipients sealed",
        replaced("libs.sealing.Seal.sealed", by=lambda _, clear, __: clear),
        ("tests/alerts/test_sealed.py::test_no_topic_holds_a_secret",),
    ),
    Defence(
        "the mode of the small state's file",
        file_mode,
        ("tests/api/store/test_file_mode.py::test_the_file_of_the_store_is_its_owners_alone",),
    ),
    Defence(
        "secrets redacted",
        replaced("services.collector.worker.redacted", by=as_it_is),
        (f"{WORKED}test_secrets_are_in_no_outcome_and_no_log",),
    ),
    Defence(
        "secrets of links left out of logs",
        replaced("services.api.web.problems.without_secret", by=as_it_is),
        ("tests/api/test_headers.py::test_neither_log_nor_page_repeats_the_secret_of_a_link",),
    ),
    Defence(
        "an epoch of nobody fences a minute",
        replaced("services.collector.worker.FOLLOWED", by=timedelta(days=9_999)),
        (f"{WORKED}test_an_epoch_of_nobody_fences_for_a_minute_not_for_good",),
    ),
    Defence(
        "what a job gave, for as long as jobs live",
        replaced("services.collector.worker.JOB_LIFE", by=timedelta(days=26_000)),
        (f"{WORKED}test_what_a_job_gave_is_kept_no_longer_than_a_job_of_ours_lives",),
    ),
    Defence(
        "buckets of ours alone",
        replaced("services.collector.planning.buckets.Buckets.pays", by=yes),
        (f"{BUCKETS}test_an_outcome_paid_from_no_bucket_of_ours_makes_none",),
    ),
    Defence(
        "no state of watches that never were",
        replaced("libs.deciding.state.WatchState.blank", by=False),
        ("tests/alerts/test_faults.py::test_of_a_watch_that_never_was_nothing_is_kept",),
    ),
    Defence(
        "no word of the other side in metrics",
        replaced("services.alerts.delivery.attempts._STATUS", by=re.compile("(.*)")),
        (f"{FRAMED}test_a_failed_attempt_is_counted_by_no_word_of_the_other_side",),
    ),
    Defence(
        "snapshots looked at",
        replaced("services.alerts.deciding.snapshots.unusable", by=let_through),
        tuple(
            f"{REBALANCED}test_a_snapshot_from_which_nobody_can_go_on_is_passed_over[said{number}"
            for number in (4, 6)
        ),
    ),
)
