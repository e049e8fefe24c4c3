"""What a world is, in one number: ``python tests/simulation/fingerprint.py SEED``.

Territories, accounts, followers, posts, texts and counters of fifty territories, and the keys and
values of the records that they give: three days of observations, six hours of mentions.
"""

import hashlib
import sys
from pathlib import Path

from simulation.country.days import DAY, moment_of
from simulation.country.world import World
from simulation.history.history import History, Plan
from simulation.history.mentions import mention_records

EXPECTED = Path(__file__).with_name("fingerprint.txt")
"""The fingerprint of the usual world, as CPython 3.11.7, 3.12.1 and 3.13.0 found it."""


def fingerprint(seed: str) -> str:
    """The SHA-256 of a world, in hexadecimal."""
    world = World(seed, 50)
    digest = hashlib.sha256()
    since = moment_of("2026-10-01")
    for place in world.places:
        digest.update(repr(place).encode())
    history = History(world, Plan(since, since + 3 * DAY, texts_since=since))
    for account in world.accounts:
        identity = (account.id, account.first_handle, account.native_id, account.owners)
        digest.update(repr(identity).encode())
        digest.update(repr(world.followers(account, since)).encode())
        for post in world.press.between(account, since, since + 3 * DAY):
            counters = world.counters(post, since + 9 * DAY)
            digest.update(repr((post[1:], world.text(post), counters)).encode())
        for span in history.chunks():
            for topic, value in history.records(account, *span):
                digest.update(b"%s %s %s" % (topic.name.encode(), account.id.encode(), value))
    for mention in world.mentions.between(since, since + DAY // 4):
        digest.update(repr(mention).encode())
    codes = frozenset(world.place_by_code)
    for key, (topic, value) in mention_records(world, since, since + DAY // 4, codes):
        digest.update(b"%s %s %s" % (topic.name.encode(), key, value))
    return digest.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(fingerprint(sys.argv[1]))
