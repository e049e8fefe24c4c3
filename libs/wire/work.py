"""What handles the records of a lane: its methods, and the errors that say what to do next."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

import stamina
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from libs.background import with_jitter
from libs.wire.backends.log import Batches

LONGEST_PAUSE_SECONDS = 30.0


class WireError(Exception):
    """What goes wrong between a topic and its reader."""


class Later(WireError):
    """What the work needs is away: wait and read the same records again."""


class Work:
    """What a lane does with its records; a step that is not written does nothing."""

    idle = False
    """Whether `handle` is called with nothing, too, when nothing came: for what timers make due."""

    stateful = False
    """Whether what was half done cannot be done again, but from `assigned` on."""

    whole = False
    """Whether it takes the broker's batches as they come, a few records beyond `max_records`."""

    async def assigned(self, partitions: Sequence[TopicPartition], generation: int) -> None:
        """Begin with these partitions (all that this member has, perhaps none)."""

    async def handle(self, batches: Batches) -> None:
        """Take records; a work that returns before it has done with them says so by `done`."""

    def done(self) -> Mapping[TopicPartition, int] | None:
        """Return up to where records may be committed; None: all that was handled."""
        return None

    def full(self) -> Collection[TopicPartition]:
        """Return the partitions of which no more can be taken for now."""
        return ()

    async def room(self, seconds: float) -> bool:
        """Wait until more can be taken, so long at most; tell whether it can. Called unlocked."""
        return True

    async def committed(self) -> None:
        """Go on after a round of which all that was done is committed."""

    async def revoked(self) -> None:
        """Finish what can be finished soon, forget the rest; what is `done` is then committed."""

    def dropped(self) -> None:
        """Forget everything, save nothing: `assigned` is called again."""


def exponential_pause(tries: int) -> float:
    """Return the seconds to wait before reading again: exponential, full jitter."""
    return with_jitter(tries, 0.1, LONGEST_PAUSE_SECONDS)


def _may_pass(error: Exception) -> bool:
    return isinstance(error, KafkaError) and not isinstance(error, MessageSizeTooLargeError)


async def until_done(attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until Kafka has taken it (waiting 30 s at most): what is in memory is ahead of it.

    Raises `MessageSizeTooLargeError`: what is too large stays so.
    """
    async for trial in stamina.retry_context(
        on=_may_pass, attempts=None, timeout=None, wait_max=LONGEST_PAUSE_SECONDS
    ):
        with trial:
            await attempt()
