"""X: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form, query_form
from contracts.networks.network import Network

NETWORK = Network(
    "x",
    "X",
    observed=False,
    scored=False,
    forms=Forms(
        ("twitter.com", "x.com"),
        (
            HOME,
            query_form(
                r"intent/(user|follow)",
                "screen_name",
                r"@?(?P<handle>\w{1,15})",
                Account("https://x.com/{handle}", "{handle}"),
            ),
            form(r"(intent|share)(/.*)?", Refusal.SHARE_BUTTON),
            form(
                r"i/user/(?P<id>\d{1,20})", Account("https://x.com/i/user/{id}", native_id="{id}")
            ),
            form(r"[^/]+/status(es)?/.+", Refusal.POST),
            form(
                r"(home|search|hashtag|i|login|signup|explore|settings|messages|notifications|privacy"
                r"|tos|about|download|compose|account)(/.*)?",
                Refusal.NOT_AN_ACCOUNT,
            ),
            form(
                r"@?(?P<handle>[a-z\d_]{1,15})(/(media|with_replies|likes|photo))?",
                Account("https://x.com/{handle}", "{handle}"),
            ),
        ),
        bare="https://x.com/{}",
        shorteners=("t.co", "pic.twitter.com", "pic.x.com"),
        labels=("x", "twitter", "x (ex-twitter)", "x (twitter)", "twitter (x)", "twitter / x"),
    ),
)
