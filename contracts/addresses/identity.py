"""What an address turns out to be: an account's identity, or a named refusal."""

from dataclasses import dataclass
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
class Identity:
    """An account as its address names it.

    - ``network``: slug; networks that are not observed have one too ("x", "linkedin"…).
    - ``handle``: name in lower case, as the network's own calls take it: without "@", except
      YouTube's ("@name", "user/name", "c/name": three name spaces); "user@host" for Mastodon; the
      address itself for a feed. Null when the address holds only the native id.
    - ``native_id``: the network's own id when the address holds it (case kept).
    - ``address``: canonical; reading it again gives the same identity.
    - ``doubtful``: it may be a personal profile (``profile.php?id=`` serves pages and people): a
      person must look before it is verified.
    """

    network: str
    address: str
    handle: str | None = None
    native_id: str | None = None
    doubtful: bool = False

    @property
    def key(self) -> str:
        """The same for two spellings of one account: "facebook:villedelens".

        Facebook ignores dots in names. A handle and a native id of one account have two keys: only
        the network can tell that they are one.
        """
        if self.native_id is not None:
            return f"{self.network}:#{self.native_id}"
        handle = self.handle or self.address
        if self.network == "facebook":
            handle = handle.replace(".", "")
        if self.network == "rss":
            handle = handle.split("://", 1)[-1].rstrip("/")
        return f"{self.network}:{handle}"


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that is not an account's, on what network if one was recognised."""

    refusal: Refusal
    network: str | None = None
