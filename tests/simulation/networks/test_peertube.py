"""PeerTube as it is invented, under the suite of its reader; below, what is its own."""

from collections.abc import Mapping

from simulation.networks import peertube
from tests.collector.networks.test_peertube import TestPeertube as Documented
from tests.simulation.asking import Asking
from tests.simulation.client import Client
from tests.simulation.collecting import busiest
from tests.simulation.kinds import Case
from tests.suites.fictional import FictionalSuite

LEFT_OUT = "null or a value: what its author says of a video, or leaves out"
PICTURES = "banners are not simulated"
FILES = "the files of a video are not simulated"


def instance(asking: Asking, path: str) -> object:
    """What the instance of the busiest channel answers."""
    account = asking.busiest("peertube")
    return asking.get(f"https://{account.host}/api/v1/{path.format(account.first_handle)}")


def video(asking: Asking) -> object:
    """The latest video of the busiest channel, alone."""
    account = asking.busiest("peertube")
    (latest,) = asking.world.latest(account, asking.moment, 1)
    return instance(asking, f"videos/{peertube.uuid_of(latest)}")


KINDS: Mapping[str, Case] = {
    "peertube/account.json": (lambda a, _: instance(a, "accounts/{}_compte"), {}),
    "peertube/channel_2.json": (
        lambda a, _: instance(a, "video-channels/{}"),
        {
            r"-\.banners\[\]": PICTURES,
            r"-\.ownerAccount\.avatars\[\]\.width null": PICTURES,
            r"[-+]\.ownerAccount\.description": LEFT_OUT,
        },
    ),
    "peertube/account_videos_p1.json": (
        lambda a, _: instance(a, "accounts/{}_compte/videos?start=0&count=12"),
        {
            r"-\.data\[\]\.(aspectRatio|(truncatedD|d)escription|language\.id) null": LEFT_OUT,
            r"-\.data\[\]\.originallyPublishedAt text": LEFT_OUT,
        },
    ),
    "peertube/video.json": (
        lambda a, _: video(a),
        {
            r"[-+]\.aspectRatio": LEFT_OUT,
            r"-\.streamingPlaylists\[\]": FILES,
            r"-\.tags\[\] text": LEFT_OUT,
        },
    ),
}


class TestFictionalPeertube(FictionalSuite):
    documented = Documented

    def test_an_instance_allows_fifty_requests_in_ten_seconds(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        url = f"https://{account.host}/api/v1/video-channels/{account.first_handle}"
        statuses = [client.get(url)[0] for _ in range(51)]
        assert statuses == [200] * 50 + [429]
        assert int(client.headers["X-RateLimit-Reset"]) > odd.moment

    def test_short_ids_are_those_of_peertube(self):
        recorded = "076fdbf7-5a70-4edc-87c6-cead149ed848"
        assert peertube.short(recorded) == "1VgjonnHfSDcRY5iYcHt1C"
