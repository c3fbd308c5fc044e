"""Uploads in chunks. Only sizes are kept: no content, so no patient's data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4


class UploadError(ValueError):
    """A request about an upload that can't be met."""


def chunk_sizes(size: int, chunk_size: int) -> Iterator[int]:
    """The size of each chunk of an upload, in bytes."""
    if chunk_size <= 0:
        raise UploadError("chunk_size must be positive")
    if size < 0:
        raise UploadError("size must not be negative")
    for start in range(0, size, chunk_size):
        yield min(chunk_size, size - start)


@dataclass
class Upload:
    """An upload, and which of its chunks have come."""

    id: str
    sizes: tuple[int, ...]
    received: set[int] = field(default_factory=set)
    complete: bool = False

    def missing(self) -> list[int]:
        """Numbers of the chunks that have not come yet."""
        return [number for number in range(len(self.sizes)) if number not in self.received]


class Uploads:
    """All uploads of this process."""

    def __init__(self) -> None:
        self._all: dict[str, Upload] = {}

    def create(self, size: int, chunk_size: int) -> Upload:
        """Begins an upload."""
        upload = Upload(uuid4().hex, tuple(chunk_sizes(size, chunk_size)))
        self._all[upload.id] = upload
        return upload

    def find(self, upload_id: str) -> Upload:
        """Raises KeyError when there is none."""
        return self._all[upload_id]

    def receive(self, upload_id: str, number: int, size: int) -> Upload:
        """Notes a chunk. A chunk that comes twice counts once."""
        upload = self.find(upload_id)
        if not 0 <= number < len(upload.sizes):
            raise UploadError(f"chunk {number} is none of {len(upload.sizes)}")
        if size != upload.sizes[number]:
            raise UploadError(f"chunk {number} has {size} bytes; it must have {upload.sizes[number]}")
        upload.received.add(number)
        return upload

    def finish(self, upload_id: str) -> Upload:
        """Completes an upload. Raises UploadError while chunks are missing."""
        upload = self.find(upload_id)
        missing = upload.missing()
        if missing:
            raise UploadError(f"chunks are missing: {', '.join(map(str, missing))}")
        upload.complete = True
        return upload

    def all(self) -> list[Upload]:
        """In the order in which they began."""
        return list(self._all.values())
