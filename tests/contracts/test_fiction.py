import pytest

from contracts.addresses.fiction import fictional


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
