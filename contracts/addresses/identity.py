"""What an address turns out to be: an account's identity, or a named refusal."""

from dataclasses import dataclass

from contracts.networks import Refusal, network_of


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

        Some networks ignore signs in names. A handle and a native id of one account have two keys:
        only the network can tell that they are one.
        """
        if self.native_id is not None:
            return f"{self.network}:#{self.native_id}"
        handle, network = self.handle or self.address, network_of(self.network)
        for sign in network.forms.ignored:
            handle = handle.replace(sign, "")
        if network.paced:
            handle = handle.split("://", 1)[-1].rstrip("/")
        return f"{self.network}:{handle}"


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that is not an account's, on what network if one was recognised."""

    refusal: Refusal
    network: str | None = None
