"""The metrics of the wire."""

from libs.metrics import counter

PASSED_OVER = counter(
    "wire_passed_over", "Records of tables and tails that could not be used, by topic.", "topic"
)
