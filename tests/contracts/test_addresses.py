"""Every form of address that people and directories write is an account or a named refusal."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.addresses import Identity, Refusal, Refused, network_of_label, read_address
from contracts.networks import NETWORKS
from tests.contracts.test_registries import suites
from tests.suites.network import NetworkSuite

UC = "UC1234567890abcdefGHIJ-_"

ACCOUNTS = [
    ("https://www.facebook.com/VilledeLens", "facebook", "villedelens"),
    ("http://facebook.com/villedelens/", "facebook", "villedelens"),
    ("facebook.com/VilleDeLens?locale=fr_FR", "facebook", "villedelens"),
    ("https://m.facebook.com/villedelens/about", "facebook", "villedelens"),
    ("https://fr-fr.facebook.com/villedelens/posts", "facebook", "villedelens"),
    ("https://www.facebook.com/pg/villedelens/photos/?ref=page", "facebook", "villedelens"),
    ("https//www.facebook.com/villedelens", "facebook", "villedelens"),
    ("https://https://www.facebook.com/villedelens", "facebook", "villedelens"),
    ("  <https://www.facebook.com/villedelens>; ", "facebook", "villedelens"),
    ("https://fb.com/ville.de.lens", "facebook", "ville.de.lens"),
    ("https://www.facebook.com/#!/villedelens", "facebook", "villedelens"),
    ("https://www.facebook.com/pages/Ville-de-Lens/123456789", "facebook", "#123456789"),
    ("https://www.facebook.com/pages/category/City/Ville-1234567890/", "facebook", "#1234567890"),
    ("https://www.facebook.com/Mairie-de-Lens-102030405060708", "facebook", "#102030405060708"),
    ("https://www.facebook.com/p/Mairie-de-Lens-100064000000001/", "facebook", "#100064000000001"),
    ("https://www.facebook.com/profile.php?id=100064000000001", "facebook", "#100064000000001"),
    (
        "https://www.facebook.com/profile.php?ref=x&amp;id=61550000000001",
        "facebook",
        "#61550000000001",
    ),
    ("https://www.facebook.com/people/Mairie/100064000000001/", "facebook", "#100064000000001"),
    ("https://www.facebook.com/100064000000001", "facebook", "#100064000000001"),
    (
        "https://www.facebook.com/plugins/page.php?href=https%3A%2F%2Fwww.facebook.com%2Fvilledelens&tabs",
        "facebook",
        "villedelens",
    ),
    (
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.instagram.com%2Fvilledelens%2F&h=1",
        "instagram",
        "villedelens",
    ),
    ("https://www.instagram.com/villedelens/?hl=fr", "instagram", "villedelens"),
    ("instagram.com/Ville_de.Lens", "instagram", "ville_de.lens"),
    ("https://www.instagram.com/_u/villedelens", "instagram", "villedelens"),
    ("https://twitter.com/VilledeLens?lang=fr", "x", "villedelens"),
    ("https://x.com/@VilledeLens", "x", "villedelens"),
    ("https://mobile.twitter.com/villedelens/media", "x", "villedelens"),
    ("https://twitter.com/#!/villedelens", "x", "villedelens"),
    ("https://twitter.com/intent/user?screen_name=villedelens", "x", "villedelens"),
    ("https://x.com/i/user/12", "x", "#12"),
    ("https://www.youtube.com/@VilleDeLens/videos", "youtube", "@villedelens"),
    ("https://youtube.com/@mairie-bégard?si=abc", "youtube", "@mairie-bégard"),
    ("https://www.youtube.com/%40mairie-b%C3%A9gard", "youtube", "@mairie-bégard"),
    (f"https://m.youtube.com/channel/{UC}/about", "youtube", f"#{UC}"),
    (f"https://www.youtube.com/feeds/videos.xml?channel_id={UC}", "youtube", f"#{UC}"),
    ("https://www.youtube.com/c/VilledeLens", "youtube", "c/villedelens"),
    ("https://www.youtube.com/user/villeaurillac15", "youtube", "user/villeaurillac15"),
    ("https://www.youtube.com/villedelens", "youtube", "c/villedelens"),
    ("https://fr.linkedin.com/company/ville-de-lens/about/", "linkedin", "ville-de-lens"),
    ("https://www.linkedin.com/company/mairie-b%C3%A9gard", "linkedin", "mairie-bégard"),
    ("https://www.linkedin.com/company/1234567/admin/", "linkedin", "#1234567"),
    ("https://www.linkedin.com/showcase/lens-attractive", "linkedin", "showcase/lens-attractive"),
    ("https://www.tiktok.com/@villedelens?lang=fr", "tiktok", "villedelens"),
    ("https://mastodon.social/@VilleDeLens", "mastodon", "villedelens@mastodon.social"),
    ("https://mastodon.social/users/villedelens", "mastodon", "villedelens@mastodon.social"),
    ("https://mamot.fr/@ville@social.example/", "mastodon", "ville@social.example"),
    ("https://mamot.fr/web/@ville", "mastodon", "ville@mamot.fr"),
    ("https://mamot.fr/@ville.rss", "mastodon", "ville@mamot.fr"),
    ("@ville@social.example", "mastodon", "ville@social.example"),
    ("https://friendica.example/profile/Ville", "mastodon", "ville@friendica.example"),
    ("https://pixelfed.example/users/ville", "mastodon", "ville@pixelfed.example"),
    ("https://bsky.app/profile/Ville.bsky.social", "bluesky", "ville.bsky.social"),
    ("https://bsky.app/profile/essai-sur-onde.example", "bluesky", "essai-sur-onde.example"),
    (
        "https://bsky.app/profile/did:plc:z72i7hdynmk6r22z27h6tvur",
        "bluesky",
        "#did:plc:z72i7hdynmk6r22z27h6tvur",
    ),
    ("did:plc:z72i7hdynmk6r22z27h6tvur", "bluesky", "#did:plc:z72i7hdynmk6r22z27h6tvur"),
    ("https://ville.bsky.social", "bluesky", "ville.bsky.social"),
    ("https://www.threads.net/@villedelens", "threads", "villedelens"),
    ("https://www.snapchat.com/add/villedelens", "snapchat", "villedelens"),
    ("https://www.pinterest.fr/villedelens/", "pinterest", "villedelens"),
    ("https://www.flickr.com/photos/12345678@N00/", "flickr", "#12345678@N00"),
    ("https://vimeo.com/villedelens", "vimeo", "villedelens"),
    ("https://www.dailymotion.com/villedelens", "dailymotion", "villedelens"),
    ("https://t.me/s/villedelens", "telegram", "villedelens"),
    (
        "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp0q",
        "whatsapp",
        "#0029VaAbCdEfGhIjKlMnOp0q",
    ),
    ("https://app.panneaupocket.com/ville/123456-lens-62300", "panneaupocket", "#123456"),
    ("https://www.ville.example/feed/", "rss", ""),
    ("http://ville.example/actus.xml", "rss", ""),
    ("feed:https://ville.example/rss", "rss", "https://ville.example/rss"),
    ("https://ville.example/?feed=rss2", "rss", ""),
    ("https://ville.example/spip.php?page=backend&type=rss", "rss", ""),
]
"""An address, its network, its handle or after "#" its id; "" where it is the address itself."""

REFUSALS = [
    ("", Refusal.EMPTY),
    (" \u200b ", Refusal.EMPTY),
    ("Ville de Lens", Refusal.NOT_AN_ADDRESS),
    ("javascript:void(0)", Refusal.NOT_AN_ADDRESS),
    ("https://", Refusal.NOT_AN_ADDRESS),
    ("https://[::1", Refusal.NOT_AN_ADDRESS),
    ("https://user:secret@facebook.com/ville", Refusal.NOT_AN_ADDRESS),
    ("@villedelens", Refusal.NO_NETWORK),
    ("www.bajus.fr", Refusal.WEBSITE),
    ("https://www.curgy.fr/", Refusal.WEBSITE),
    ("https://medium.com/@ville", Refusal.WEBSITE),
    ("mairie@curgy.fr", Refusal.E_MAIL),
    ("mailto:mairie@curgy.fr", Refusal.E_MAIL),
    ("https://www.facebook.com/", Refusal.HOME_PAGE),
    ("https://www.facebook.com/?locale=fr_FR", Refusal.HOME_PAGE),
    ("https://www.instagram.com", Refusal.HOME_PAGE),
    ("https://x.com/", Refusal.HOME_PAGE),
    ("https://bsky.app", Refusal.HOME_PAGE),
    ("https://www.facebook.com/sharer/sharer.php?u=https://ville.example", Refusal.SHARE_BUTTON),
    ("https://www.facebook.com/sharer.php?u=x", Refusal.SHARE_BUTTON),
    ("https://twitter.com/intent/tweet?text=x", Refusal.SHARE_BUTTON),
    ("https://twitter.com/share", Refusal.SHARE_BUTTON),
    ("https://www.linkedin.com/shareArticle?mini=true", Refusal.SHARE_BUTTON),
    ("https://www.linkedin.com/sharing/share-offsite/?url=x", Refusal.SHARE_BUTTON),
    ("https://bsky.app/intent/compose?text=x", Refusal.SHARE_BUTTON),
    ("https://www.facebook.com/share/1AbCdEfG/", Refusal.SHORTENER),
    ("https://fb.me/villedelens", Refusal.SHORTENER),
    ("https://vm.tiktok.com/ZM12345/", Refusal.SHORTENER),
    ("https://t.co/abc", Refusal.SHORTENER),
    ("https://lnkd.in/abc", Refusal.SHORTENER),
    ("https://bit.ly/abc", Refusal.SHORTENER),
    ("https://www.facebook.com/groups/123456789", Refusal.GROUP),
    ("https://chat.whatsapp.com/AbC", Refusal.GROUP),
    ("https://www.linkedin.com/groups/1234/", Refusal.GROUP),
    ("https://www.facebook.com/villedelens/posts/123", Refusal.POST),
    ("https://www.facebook.com/permalink.php?story_fbid=1&id=2", Refusal.POST),
    ("https://fb.watch/abc/", Refusal.POST),
    ("https://www.instagram.com/p/Cabc/", Refusal.POST),
    ("https://www.instagram.com/villedelens/reel/Cabc/", Refusal.POST),
    ("https://x.com/villedelens/status/123", Refusal.POST),
    ("https://www.youtube.com/watch?v=abc", Refusal.POST),
    ("https://youtu.be/abc", Refusal.POST),
    ("https://www.tiktok.com/@villedelens/video/7", Refusal.POST),
    ("https://mamot.fr/@ville/112233", Refusal.POST),
    ("https://bsky.app/profile/ville.bsky.social/post/3k", Refusal.POST),
    ("https://www.linkedin.com/in/prenom-nom/", Refusal.PERSON),
    ("https://fr.linkedin.com/pub/prenom-nom/1/2/3", Refusal.PERSON),
    ("https://m.me/villedelens", Refusal.MESSAGING),
    ("https://wa.me/33600000000", Refusal.MESSAGING),
    ("https://www.facebook.com/hashtag/lens", Refusal.NOT_AN_ACCOUNT),
    ("https://www.facebook.com/profile.php", Refusal.NOT_AN_ACCOUNT),
    ("https://www.youtube.com/playlist?list=PL1", Refusal.NOT_AN_ACCOUNT),
    ("https://x.com/search?q=lens", Refusal.NOT_AN_ACCOUNT),
    ("https://x.com/intent/user?screen_name=home", Refusal.NOT_AN_ACCOUNT),
    ("https://www.instagram.com/explore/tags/lens/", Refusal.NOT_AN_ACCOUNT),
    ("https://www.linkedin.com/jobs/", Refusal.NOT_AN_ACCOUNT),
    ("https://www.instagram.com/.../", Refusal.INVALID_HANDLE),
]

WITH_NETWORK = [
    ("@VilledeLens", "x", "villedelens"),
    ("VilledeLens", "facebook", "villedelens"),
    ("villedelens", "youtube", "@villedelens"),
    ("ville@social.example", "mastodon", "ville@social.example"),
    ("essai.example", "bluesky", "essai.example"),
    ("@ville.bsky.social", "bluesky", "ville.bsky.social"),
    ("https://ville.example/actualites", "rss", "https://ville.example/actualites"),
    # The address says another network than the label: the address is right.
    ("https://www.instagram.com/villedelens", "facebook", "villedelens"),
]


@pytest.mark.parametrize(("text", "network", "name"), ACCOUNTS)
def test_accounts(text, network, name):
    found = read_address(text)
    assert isinstance(found, Identity), found
    assert (found.network, found.handle or f"#{found.native_id}") == (network, name or text)
    assert (found.handle is None) is (found.native_id is not None)
    assert read_address(found.address) == found


FORMS = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("address_forms.tsv").read_text("utf-8").splitlines()[1:]
]
"""More of them: an address, and the key of its account or the refusal."""


@pytest.mark.parametrize(("text", "key"), FORMS)
def test_forms(text, key):
    found = read_address(text)
    assert (found.key if isinstance(found, Identity) else found.refusal.value) == key
    if isinstance(found, Identity):
        assert read_address(found.address) == found


def test_the_tables_hold_most_forms_that_people_paste():
    known = {text for text, *_ in (*ACCOUNTS, *REFUSALS, *WITH_NETWORK, *FORMS)}
    assert len(known) >= 250
    observed = {one.slug for one in NETWORKS}
    assert len({key.partition(":")[0] for _, key in FORMS} & observed) >= 12


@pytest.mark.parametrize(("text", "refusal"), REFUSALS)
def test_refusals(text, refusal):
    found = read_address(text)
    assert isinstance(found, Refused), found
    assert found.refusal is refusal


@pytest.mark.parametrize(("text", "network", "handle"), WITH_NETWORK)
def test_network_known_beforehand(text, network, handle):
    found = read_address(text, network)
    assert isinstance(found, Identity), found
    assert found.handle == handle


@pytest.mark.parametrize(
    ("text", "network", "key"),
    [
        ("@mairie@pénibles.example", None, "mastodon:mairie@xn--pnibles-bya.example"),
        ("mairie@straße.example", "mastodon", "mastodon:mairie@xn--strae-oqa.example"),
        ("acct:ville@social.example", "mastodon", "mastodon:ville@social.example"),
        ("https://bawü.example/@mairie", None, "mastodon:mairie@xn--baw-joa.example"),
        ("https://a.example/@v@écommoy.example", None, "mastodon:v@xn--commoy-9ua.example"),
        ("https://mairie-épinal.example/feed", None, "rss:xn--mairie-pinal-heb.example/feed"),
        ("mairie-épinal.example", "bluesky", "bluesky:xn--mairie-pinal-heb.example"),
        ("https://bsky.app/profile/É.example.", None, "bluesky:xn--9ca.example"),
        ("\u202a(https://www.instagram.com/ville)\u202c", None, "instagram:ville"),
        ("https://mastodon.example/users/ville", None, "mastodon:ville@mastodon.example"),
        ("https://ville.example/users/ville", "mastodon", "mastodon:ville@ville.example"),
        ("https://ville.example/profile/ville", None, Refusal.WEBSITE),
        ("https://ville.example/users/login", "facebook", Refusal.WEBSITE),
        ("https://ville.example/users/login/1", None, Refusal.WEBSITE),
        ("https://github.com/users/ville", None, Refusal.WEBSITE),
        ("https://hackmd.io/@ville", None, Refusal.WEBSITE),
        ("https://linktr.ee/@ville", None, Refusal.WEBSITE),
        ("https://vk.com/@ville", None, Refusal.WEBSITE),
        ("@mairie@127.0.0.1", None, Refusal.INVALID_HANDLE),
        ("@mairie@bad_host.example", None, Refusal.INVALID_HANDLE),
        ("https://bsky.app/profile/handle.invalid", None, Refusal.INVALID_HANDLE),
        ("https://bsky.app/profile/ville-.bsky.social", None, Refusal.INVALID_HANDLE),
        ("https://bsky.app/profile/-ville.bsky.social", None, Refusal.INVALID_HANDLE),
        ("ville.123", "bluesky", Refusal.INVALID_HANDLE),
        ("-a.fr", "bluesky", Refusal.INVALID_HANDLE),
    ],
)
def test_names_of_hosts_and_names_that_cannot_be(text, network, key):
    read = read_address(text, network)
    assert (read.key if isinstance(read, Identity) else read.refusal) == key


def test_every_refusal_is_met_and_has_its_sentence():
    assert {refusal for _, refusal in REFUSALS} == set(Refusal)
    assert all(refusal.sentence.endswith(".") for refusal in Refusal)


def test_every_observed_network_can_be_read():
    read = {network for _, network, _ in ACCOUNTS}
    for network in (one for one in NETWORKS if one.slug not in read):
        module = f"tests.collector.networks.test_{network.slug}"
        assert any(suite.addresses for suite in suites(module, NetworkSuite)), network.slug


def test_a_profile_that_may_be_a_person_is_doubtful():
    profile = read_address("https://www.facebook.com/profile.php?id=100064000000001")
    page = read_address("https://www.facebook.com/pages/Ville/123456789")
    assert isinstance(profile, Identity)
    assert isinstance(page, Identity)
    assert (profile.doubtful, page.doubtful) == (True, False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.facebook.com/ville.de.lens", "http://m.facebook.com/VilleDeLens/?ref=x"),
        ("https://twitter.com/VilledeLens", "x.com/villedelens"),
        ("http://ville.example/feed", "https://ville.example/feed/"),
        (f"https://www.youtube.com/channel/{UC}", f"youtube.com/channel/{UC}/videos"),
    ],
)
def test_two_spellings_one_key(one, other):
    first, second = read_address(one), read_address(other)
    assert isinstance(first, Identity)
    assert isinstance(second, Identity)
    assert first.key == second.key


@pytest.mark.parametrize(
    ("label", "network"),
    [
        ("Facebook", "facebook"),
        ("X (ex-Twitter)", "x"),
        ("Twitter", "x"),
        (" LinkedIn ", "linkedin"),
        ("YouTube", "youtube"),
        ("Mastodon", "mastodon"),
        ("Bluesky", "bluesky"),
        ("Myspace", None),
    ],
)
def test_labels(label, network):
    assert network_of_label(label) == network


HOSTS = [
    "facebook.com", "www.instagram.com", "x.com", "youtube.com", "linkedin.com", "tiktok.com",
    "bsky.app", "mamot.fr", "flickr.com", "t.me", "whatsapp.com", "ville.example", "vimeo.com",
]  # fmt: skip
PIECES = [
    "company", "@", "channel", "c", "user", "profile", "profile.php?id=", "pages", "p", "people",
    "showcase", "users", "feed", "photos", "add", "s", "..", "%2F", "%C3%A9", "é", "İ", "ß",
    "?id=1",
]  # fmt: skip
addresses = st.builds(
    lambda scheme, host, pieces: scheme + host + "/" + "/".join(pieces),
    st.sampled_from(["", "http://", "https://", "//"]),
    st.sampled_from(HOSTS),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=4),
)
networks = st.sampled_from([None, "mastodon", "rss", "bluesky", "facebook", "youtube"])


@given(text=st.one_of(st.text(max_size=60), addresses), network=networks)
@example("https://www.youtube.com/@İstanbul", None)
@example("facebook.com/é-123456789", None)
def test_canonical_is_a_fixed_point(text, network):
    found = read_address(text, network)
    if isinstance(found, Refused):
        return
    # What is only said to be a feed is one when it is said again; nothing else needs telling.
    again = read_address(found.address, "rss" if found.network == "rss" else None)
    assert again == found
    assert again.key == found.key


@pytest.mark.parametrize(
    "name",
    [
        "mairie-aurillac-reseau-social.json",
        "mairies-deux-alpes-reseau-social.json",
        "export-record-with-reseau-social.json",
        "annuaire-mairies.json",
    ],
)
def test_recorded_addresses(recordings, name):
    records = json.loads((recordings / "annuaire" / name).read_text())
    records = records["results"] if isinstance(records, dict) else records
    read = 0
    for record in records:
        for field in ("reseau_social", "site_internet"):
            values = record.get(field) or []
            for value in json.loads(values) if isinstance(values, str) else values:
                found = read_address(value["valeur"])
                expected = Identity if field == "reseau_social" else Refused
                assert isinstance(found, expected), value
                read += 1
    assert read
