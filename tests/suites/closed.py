"""What a page of another site can have a browser on this machine send to a server on it."""

import http.client
from urllib.parse import urlsplit

OTHER = "https://evil.example"
REBOUND = {
    "a name that leads here": "evil.example",
    "with the port": "evil.example:8123",
    "ours within theirs": "127.0.0.1.evil.example",
    "theirs with ours as user": "127.0.0.1@evil.example",
    "none": "",
}
"""Hosts by which a page calls this machine (DNS rebinding)."""

FOREIGN = {
    "a form": {"Origin": OTHER},
    "a sandbox": {"Origin": "null"},
    "an origin that is none": {"Origin": "http://[evil"},
    "no origin": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour's name": {"Sec-Fetch-Site": "same-site"},
    "another port of this machine": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
}
"""Headers of what a page of another site has a browser send (CSRF)."""


def status(
    url: str, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> int:
    """The status of an answer to a request with these headers, `Host` among them as it is given."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()
