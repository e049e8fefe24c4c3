import pytest

from contracts.addresses.fiction import fictional, spoken
from contracts.addresses.hosts import parts_of, web_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://www.instagram.com/p/C1IZlYUuo-X/", "https://www.instagram.com.example/p/C1IZlYUuo-X/"),
        ("https://bsky.app/profile/did:plc:a/post/1?x=1#y", "https://bsky.app.example/profile/did:plc:a/post/1?x=1#y"),
        ("https://user@mastodon.social:8443/@ville", "https://mastodon.social.example/@ville"),
        ("https://www.essaisuronde.example/actualites", "https://www.essaisuronde.example/actualites"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        ("at://did:plc:a/app.bsky.feed.post/1", "at://did:plc:a/app.bsky.feed.post/1"),
        ("", ""),
    ],
)  # fmt: skip
def test_nothing_made_up_leads_to_somebody_real(address, shown):
    assert fictional(address) == shown
    assert fictional(shown) == shown


@pytest.mark.parametrize(
    "address", ["http://[", "https://[::1", "a]b", "http://a]b/", "//[", "https://℀.fr/", "\x1b[2J"]
)
def test_what_a_stranger_wrote_for_an_address_is_none_and_no_fault(address):
    """It was « Erreur de notre fait » of `/officiel`, and a look at a watch that failed."""
    assert web_address(address) is None
    assert not parts_of(address).scheme
    assert fictional(address) == spoken(address) == address
