"""What Instagram and Facebook share of the suite: codes of errors, usage, the token."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import pytest

from tests.suites.network import CREDENTIAL, NOW, NetworkSuite

DAY = timedelta(days=1)
MONTH = NOW - 30 * DAY


USAGE = ({"x-app-usage": '{"call_count":28,"total_time":75,"total_cputime":25}'}, 50)


GRAPH_ERRORS = [
    (1, "unavailable"),
    (2, "unavailable"),
    (4, "rate_limited"),
    (17, "rate_limited"),
    (32, "rate_limited"),
    (613, "rate_limited"),
    (80001, "rate_limited"),
    (80002, "rate_limited"),
    (10, "refused"),
    (200, "refused"),
    (299, "refused"),
    (190, "credential"),
    (21, "gone"),
    (24, "gone"),
    (110, "gone"),
    (368, "credential"),
    (99999, "refused"),
]


class GraphSuite(NetworkSuite):
    """What Instagram and Facebook share."""

    causes: ClassVar[Mapping[int, str]] = {401: "credential"}
    headers = USAGE

    @pytest.mark.parametrize(("code", "cause"), GRAPH_ERRORS)
    def test_codes(self, code, cause):
        body = {"error": {"message": "m", "type": "OAuthException", "code": code}}
        job = next(iter(self.good.values()))[0]
        for status in (400, 403, 500, 200):
            parsed = self.read(job, body, status)
            assert parsed.cause == cause, status
            assert (parsed.retry_at is not None) == (cause == "rate_limited")

    def test_the_time_to_regain_access_is_in_minutes(self):
        body = {"error": {"message": "m", "code": 80002}}
        usage = json.dumps(
            {
                "1784": [
                    {"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 7}
                ]
            }
        )
        job = next(iter(self.good.values()))[0]
        parsed = self.read(job, body, 400, x_business_use_case_usage=usage)
        assert parsed.retry_at == NOW + timedelta(minutes=7)

    def test_the_token_travels_in_a_header(self):
        job = next(iter(self.good.values()))[0]
        request = self.reader.request(job, CREDENTIAL)
        assert request.secret_headers == (("Authorization", "Bearer s3cr3t-t0k3n"),)
