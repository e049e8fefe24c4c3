"""Whom an address names: one account, under each of its addresses, and nobody else."""

import re
from collections.abc import Sequence
from hashlib import sha256
from string import ascii_letters, digits
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.addresses import Identity, Refused, read_address
from contracts.erasures import Erased, Suppressions, author_key
from contracts.networks import KNOWN, Network
from contracts.networks.forms import Account, Form, Refusal
from tests.alerts.builders import erased

HOSTS = ("friendica.example", "tube.example")
SIGNS = st.characters(categories=(), include_characters=f"{ascii_letters}{digits}@.-_/:&'")
DID = "did:plc:" + "habitant" * 3
OTHER = "did:plc:" + "passante" * 3


def forms_of(network: Network) -> Sequence[Form]:
    return network.forms.forms or network.forms.anywhere


def written(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    plain = re.compile(pattern.pattern, re.ASCII)
    return st.from_regex(plain, fullmatch=True, alphabet=SIGNS)


def addresses(network: Network, form: Form) -> st.SearchStrategy[str]:
    """Addresses that have a form."""
    hosts = st.sampled_from(network.forms.hosts or HOSTS)
    paths = written(form.pattern).map(quote)
    query = st.just("")
    if form.parameter is not None and form.value is not None:
        query = written(form.value).map(lambda text: f"?{form.parameter}={quote(text, safe='')}")
    return st.builds("https://{}/{}{}".format, hosts, paths, query)


ACCOUNTS = [
    (network, form)
    for network in KNOWN
    for form in forms_of(network)
    if isinstance(form.outcome, Account)
]
NAMELESS = [
    (network, form)
    for network in KNOWN
    for form in forms_of(network)
    if form.outcome is Refusal.POST and "author" not in form.pattern.groupindex
]


def named(case: tuple[Network, Form]) -> str:
    return f"{case[0].slug} {case[1].pattern.pattern}"


def drawn(examples: int) -> settings:
    """So many addresses of each form: drawing one that a pattern takes is slow."""
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )


def keys_agree(case: tuple[Network, Form], data: st.DataObject) -> None:
    """All channels of YouTube, all of Flickr, all pages of Facebook by their number had one."""
    first, second = (data.draw(addresses(*case)) for _ in range(2))
    one, other = read_address(first), read_address(second)
    if not (isinstance(one, Identity) and isinstance(other, Identity)):
        return  # a name that nobody may have
    assert author_key(first) is not None
    assert author_key(first) == author_key(one.address)
    assert (author_key(first) == author_key(second)) == (one.key == other.key)


two = pytest.mark.parametrize("case", ACCOUNTS, ids=named)


@two
@drawn(4)
@given(data=st.data())
def test_two_accounts_never_share_a_key_and_one_has_one(case, data):
    keys_agree(case, data)


@two
@pytest.mark.proof
@drawn(12)
@given(data=st.data())
def test_nor_do_many(case, data):
    keys_agree(case, data)


@pytest.mark.parametrize("case", NAMELESS, ids=named)
@drawn(20)
@given(data=st.data())
def test_what_is_published_without_a_name_names_nobody(case, data):
    address = data.draw(addresses(*case))
    if read_address(address) == Refused(Refusal.POST, case[0].slug):
        assert author_key(address) is None


@pytest.mark.parametrize(
    ("published", "profiles"),
    [
        (f"https://bsky.app/profile/{DID}/post/3k", [f"https://bsky.app/profile/{DID}", DID]),
        ("https://bsky.app/profile/a.example/post/3k", ["https://bsky.app/profile/@A.example"]),
        (
            "https://pouet.example/@habitante/113",
            [
                "https://pouet.example/@Habitante",
                "https://pouet.example/users/habitante",
                "https://pouet.example/users/habitante/statuses/1",
                "https://ailleurs.example/@habitante@pouet.example/9",
                "@habitante@pouet.example",
            ],
        ),
        (
            "https://www.flickr.com/photos/ville/123/",
            ["https://www.flickr.com/people/Ville/", "https://flickr.com/photos/ville/albums"],
        ),
        ("https://www.threads.net/@ville/post/C1", ["https://www.threads.com/@ville"]),
        ("https://www.tiktok.com/@ville/video/71", ["https://www.tiktok.com/@ville"]),
        ("https://x.com/Ville/status/1", ["https://twitter.com/ville", "https://x.com/ville"]),
        (
            "https://www.facebook.com/ville.de.lens/posts/12",
            ["https://m.facebook.com/villedelens/", "https://www.facebook.com/VilleDeLens/about"],
        ),
        (
            "https://www.facebook.com/100064000000001/posts/12",
            [
                "https://www.facebook.com/profile.php?id=100064000000001",
                "https://www.facebook.com/people/Ville/100064000000001/",
            ],
        ),
        ("https://www.instagram.com/ville/p/C1/", ["https://instagram.com/ville"]),
        ("https://vimeo.com/ville/123", ["https://vimeo.com/Ville/videos"]),
        ("https://t.me/s/ville/12", ["https://t.me/ville"]),
        ("https://medium.com/@ville/un-billet", ["https://medium.com/@ville"]),
    ],
)
def test_a_text_names_the_author_of_its_profile(published, profiles):
    assert author_key(published) is not None
    assert {author_key(profile) for profile in profiles} == {author_key(published)}


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.dailymotion.com/video/x8abcde",
        "https://www.instagram.com/p/C1/",
        "https://www.pinterest.com/pin/12/",
        "https://x.com/i/web/status/12",
        "https://vimeo.com/123",
        "https://vimeo.com/video/123",
        "https://tube.example/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d",
        "https://www.facebook.com/permalink.php?story_fbid=1&id=2",
        "https://www.gazette.example/article/2026/11/30/la-piscine",
        "https://www.gazette.example/feed/",
        "https://www.ville.example/",
        "habitante",
        "urn:x",
        "",
    ],
)
def test_what_does_not_say_whose_it_is_names_nobody(address):
    assert author_key(address) is None


def before(words: str) -> Erased:
    """What was ordered until 0.2: the host and the first word of the path."""
    return erased("author", sha256(words.encode()).hexdigest())


def test_what_was_ordered_before_is_obeyed_where_it_named_somebody():
    theirs = Suppressions([before(f"https://bsky.app/profile/{DID}")])
    assert theirs.holds(address=f"https://bsky.app/profile/{DID}/post/3k")
    assert not theirs.holds(address=f"https://bsky.app/profile/{OTHER}/post/3k")
    everybodys = Suppressions(
        before(words)
        for words in ("https://www.flickr.com/photos", "https://www.youtube.com/channel")
    )
    assert not everybodys.holds(address="https://www.flickr.com/photos/ville/123/")
    assert not everybodys.holds(address="https://www.youtube.com/channel/UC" + "a" * 22)
