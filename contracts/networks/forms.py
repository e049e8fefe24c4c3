"""The forms that addresses take on a network: which are accounts, which are something else.

A form is a pattern over the path (percent-decoded, without leading nor trailing slash); the first
that matches decides. Groups: ``handle`` (lower-cased), ``id`` (kept as it is), and where accounts
are on hosts of their own ``host`` (``remote`` when the path names another). What is published says
by ``author`` which part of its path is that of the account whose it is, where it names one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Refusal(StrEnum):
    """Why an address is not that of an account; each has its sentence for people."""

    EMPTY = "empty"
    NOT_AN_ADDRESS = "not_an_address"
    NO_NETWORK = "no_network"
    WEBSITE = "website"
    E_MAIL = "e_mail"
    HOME_PAGE = "home_page"
    SHARE_BUTTON = "share_button"
    SHORTENER = "shortener"
    GROUP = "group"
    POST = "post"
    PERSON = "person"
    MESSAGING = "messaging"
    NOT_AN_ACCOUNT = "not_an_account"
    INVALID_HANDLE = "invalid_handle"

    @property
    def sentence(self) -> str:
        """What to tell the person who gave the address, in French."""
        return _SENTENCES[self]


_SENTENCES = {
    Refusal.EMPTY: "Aucune adresse n’est indiquée.",
    Refusal.NOT_AN_ADDRESS: "Ce n’est pas une adresse.",
    Refusal.NO_NETWORK: "Ce nom ne dit pas de quel réseau il s’agit : donnez l’adresse complète.",
    Refusal.WEBSITE: "C’est l’adresse d’un site, pas d’un compte sur un réseau connu.",
    Refusal.E_MAIL: "C’est une adresse électronique.",
    Refusal.HOME_PAGE: "C’est la page d’accueil du réseau, pas un compte.",
    Refusal.SHARE_BUTTON: "C’est un bouton de partage, pas un compte.",
    Refusal.SHORTENER: "C’est un lien raccourci : ouvrez-le, puis donnez l’adresse qui s’affiche.",
    Refusal.GROUP: "C’est un groupe, pas une page.",
    Refusal.POST: "C’est une publication, pas un compte.",
    Refusal.PERSON: "C’est le profil d’une personne : il n’est pas observé.",
    Refusal.MESSAGING: "C’est un lien de messagerie, pas un compte.",
    Refusal.NOT_AN_ACCOUNT: "C’est une page du réseau, pas un compte.",
    Refusal.INVALID_HANDLE: "Ce nom n’est pas possible sur ce réseau.",
}


@dataclass(frozen=True, slots=True)
class Account:
    """How a matched form becomes an identity: templates over its groups.

    With `hosted`, handles are names of hosts.
    """

    address: str
    handle: str | None = None
    native_id: str | None = None
    doubtful: bool = False
    hosted: bool = False


@dataclass(frozen=True, slots=True)
class Onward:
    """The address stands in a query parameter (page plugin, redirection): read that one."""

    parameter: str


Outcome = Account | Onward | Refusal


@dataclass(frozen=True, slots=True)
class Form:
    """One form; with ``parameter``, its value is matched instead of the path's groups.

    ``unsaid`` is how hosts look on which it is read though nobody said the network.
    """

    pattern: re.Pattern[str]
    outcome: Outcome
    parameter: str | None = None
    value: re.Pattern[str] | None = None
    unsaid: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms of a network: its hosts (subdomains included), and how what is no address is read.

    - ``bare``: the address of a bare name; ``labels``: what people call the network.
    - ``shorteners``, ``refused``: hosts of which no address is an account, the second with why.
    - ``anywhere``: forms on hosts that are no network's, but for ``elsewhere``; ``federated``: how
      "user@host" is one of its accounts.
    - ``scheme``: of what names an account by its native id ("did:"); ``suffix``: handles are hosts,
      and those that end so are recognised unsaid.
    - ``ignored``: signs that make no difference in a handle.
    """

    hosts: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    bare: str | None = None
    shorteners: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    refused: Mapping[str, Refusal] = field(default_factory=dict[str, Refusal])
    anywhere: tuple[Form, ...] = ()
    elsewhere: tuple[str, ...] = ()
    federated: Account | None = None
    scheme: str | None = None
    suffix: str | None = None
    ignored: str = ""


def form(pattern: str, outcome: Outcome, unsaid: str = "") -> Form:
    """Form of a path."""
    return Form(re.compile(pattern, re.IGNORECASE), outcome, unsaid=re.compile(unsaid))


def query_form(pattern: str, parameter: str, value: str, outcome: Outcome) -> Form:
    """Form of a path and of one parameter of the query, whose value holds the groups."""
    return Form(
        re.compile(pattern, re.IGNORECASE), outcome, parameter, re.compile(value, re.IGNORECASE)
    )


HOME = form(r"", Refusal.HOME_PAGE)
