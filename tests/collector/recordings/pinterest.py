"""Recorded answers of Pinterest (test fixtures of a client of its API)."""

from tests.collector.recordings_manifest import Mapped, one, whole

PIN = "1022106077905927852"

MAPPED = (
    Mapped(
        ("pinterest/pin_data.json",), "readings", "api.pinterest.com", f"/v5/pins/{PIN}",
        whole("pinterest/pin_data.json"), subjects=(one("merleliukun", None, PIN),),
        posts=lambda _: {PIN: {"likes": None, "comments": None}},
        absent={"likes": "not_asked", "comments": "not_asked"},
    ),
)  # fmt: skip

NOT_OURS = {
    "pinterest/analytics.json": "figures of an account by day: they are its owner's",
    "pinterest/top_pins_analytics.json": "pins by impressions: they are their owner's",
}
