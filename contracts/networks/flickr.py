"""Flickr: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

NETWORK = Network(
    "flickr",
    "Flickr",
    observed=False,
    scored=False,
    forms=Forms(
        ("flickr.com",),
        (
            HOME,
            form(r"groups(/.*)?", Refusal.GROUP),
            form(r"photos/[^/]+/\d+(/.*)?", Refusal.POST),
            form(
                r"(photos|people)/(?P<id>\d+@N\d\d)(/.*)?",
                Account("https://www.flickr.com/photos/{id}/", native_id="{id}"),
            ),
            form(
                r"(photos|people)/(?P<handle>[\w\-]{2,40})(/.*)?",
                Account("https://www.flickr.com/photos/{handle}/", "{handle}"),
            ),
        ),
        bare="https://www.flickr.com/photos/{}/",
        shorteners=("flic.kr",),
        labels=("flickr",),
    ),
)
