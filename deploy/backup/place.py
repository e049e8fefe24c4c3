"""Where a backup stands: a folder, or a bucket by its URL (`s3://bucket/folder`)."""

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

from pyarrow import fs

MANIFEST = "manifest.json"


class Damaged(Exception):
    """A backup is not there, not whole, or not what its manifest says."""


class Place:
    """Files by relative path, and the digest of each that was written."""

    def __init__(self, url: str) -> None:
        """Open a place; credentials of a bucket are in the environment, as its clients have it."""
        files: Any = fs  # it has no types
        address = url if "://" in url else Path(url).absolute().as_uri()
        system, root = files.FileSystem.from_uri(address)
        self._system = system
        self._root = str(root).rstrip("/")
        self._local = address.startswith("file:")
        self.digests: dict[str, str] = {}

    @property
    def taken(self) -> bool:
        """Tell whether a backup stands there."""
        return bool(self._system.get_file_info(self._at(MANIFEST)).is_file)

    @contextmanager
    def writing(self, path: str) -> Generator["Written"]:
        """Open a file to write, from its beginning."""
        if self._local:
            folder = Path(self._at(path)).parent
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._system.open_output_stream(self._at(path)) as stream:
            written = Written(cast("BinaryIO", stream))
            yield written
        self.digests[path] = written.digest

    def read(self, path: str) -> bytes:
        """Return a file whole. Raises `Damaged`."""
        with self.reading(path) as stream:
            return bytes(stream.read())

    @contextmanager
    def reading(self, path: str) -> Generator[Any]:
        """Open a file to read, anywhere in it. Raises `Damaged`."""
        try:
            stream = self._system.open_input_file(self._at(path))
        except OSError as error:
            raise Damaged(f"{path}: {error}") from error
        with stream:
            yield stream

    def conclude(self, told: dict[str, Any]) -> None:
        """Write the manifest, last: a backup without one was not ended."""
        text = json.dumps(told | {"files": self.digests}, indent=1, sort_keys=True)
        with self.writing(MANIFEST) as file:
            file.write(text.encode())

    def manifest(self) -> dict[str, Any]:
        """Return what a backup says of itself. Raises `Damaged` where there is none."""
        if not self.taken:
            raise Damaged(f"no backup here, or one that was not ended: no {MANIFEST}")
        return cast("dict[str, Any]", json.loads(self.read(MANIFEST)))

    def check(self, files: Iterable[tuple[str, str]]) -> None:
        """Compare files with their digests. Raises `Damaged` naming the first that differs."""
        for path, digest in files:
            found = sha256()
            with self.reading(path) as stream:
                while piece := stream.read(1 << 20):
                    found.update(piece)
            if found.hexdigest() != digest:
                raise Damaged(f"{path} is not as it was written")

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"


class Written:
    """A file being written, whose digest is known at its end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = sha256()
        self.closed = False

    def write(self, piece: bytes) -> int:
        """Write a piece."""
        self._digest.update(piece)
        self._stream.write(piece)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the end of the file does."""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what was written."""
        return self._digest.hexdigest()
