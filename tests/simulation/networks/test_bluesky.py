"""Bluesky as it is invented, under the suite of its reader."""

from tests.collector.networks.test_bluesky import TestBluesky as Documented
from tests.suites.fictional import FictionalSuite


class TestFictionalBluesky(FictionalSuite):
    documented = Documented
