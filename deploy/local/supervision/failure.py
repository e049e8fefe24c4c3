"""How a part of the local machine says that it cannot run, to the person at the terminal."""

from pathlib import Path


class PartError(Exception):
    """A part cannot start or has died.

    ``str()`` of it is one French paragraph: which part, what happened, its log, what to do.
    """

    def __init__(self, part: str, what: str, remedy: str, log: Path | None = None) -> None:
        self.part = part
        self.what = what
        self.remedy = remedy
        self.log = log
        sentences = [f"{part}\u00a0: {what}."]
        if log is not None:
            sentences.append(f"Son journal\u00a0: {log}.")
        sentences.append(f"À faire\u00a0: {remedy}.")
        super().__init__(" ".join(sentences))
