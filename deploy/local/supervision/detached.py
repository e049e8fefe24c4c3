"""A demonstration in a process of its own: what ``demo.run_beside`` starts and follows."""

import sys
from contextlib import suppress

from deploy.local.commands import choices_of
from deploy.local.demo import AlreadyRunning, run
from deploy.local.supervision.display import Record


def main() -> None:
    """Run it with the arguments of ``observatoire demo up``, writing its progress to a file."""
    choices = choices_of(sys.argv[1:])
    with suppress(AlreadyRunning):
        sys.exit(run(choices, Record(choices.folder / "progress.jsonl"), lambda _: None))


if __name__ == "__main__":
    main()
