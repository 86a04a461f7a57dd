"""A file in blocks of whole lines, from any position, gzipped or not."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from django.utils.translation import gettext as _

from novarium.kernel.errors import Invalid

BLOCK_BYTES = 4 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
_ENDS = 1024 * 1024  # bytes at either end of a file that its fingerprint is made of


class UnreadableFile(Invalid):
    """A file cannot be read on: it is damaged, or no text of lines; the message says which."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file.

    Attributes:
        data: The lines, each ended by a line feed (the file's last one, too).
        start: Bytes of the unpacked file before the block.
        end: Bytes of the unpacked file up to its end.
        bytes_read: Bytes of the file as it is stored that were read so far.
    """

    data: bytes
    start: int
    end: int
    bytes_read: int


def fingerprint(path: Path) -> str:
    """Return a hash of the file's size and both its ends: another one means another file."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_ENDS))
        file.seek(max(size - _ENDS, 0))
        digest.update(file.read(_ENDS))
    return digest.hexdigest()


def blocks(path: Path, *, position: int = 0, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the file's blocks from a position of the unpacked file, at which a line begins.

    Raises:
        UnreadableFile: the file is damaged, or has a line of more than ``LONGEST_LINE`` bytes.
    """
    with _opened(path) as (stored, plain):
        try:
            plain.seek(position)
            for start, data in _whole_lines(plain, position, size):
                ended = data if data.endswith(b"\n") else data + b"\n"
                yield Block(ended, start, start + len(data), min(stored.tell(), path.stat().st_size))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFile(_("%(file)s is damaged: %(error)s") % {"file": path.name, "error": error}) from error


def _whole_lines(plain: BinaryIO, start: int, size: int) -> Iterator[tuple[int, bytes]]:
    rest = b""
    while piece := plain.read(size):
        cut = piece.rfind(b"\n") + 1
        if not cut:
            rest += piece
            if len(rest) > LONGEST_LINE:
                raise UnreadableFile(
                    _("The line that begins at byte %(start)s has more than %(most)s bytes.")
                    % {"start": start, "most": LONGEST_LINE}
                )
            continue
        data, rest = rest + piece[:cut], piece[cut:]
        yield start, data
        start += len(data)
    if rest:
        yield start, rest


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open the file as it is stored, and unpacked."""
    with path.open("rb") as stored:
        if path.suffix == ".gz":
            with gzip.GzipFile(fileobj=stored) as unpacked:
                yield stored, cast(BinaryIO, io.BufferedReader(unpacked))
        else:
            os.posix_fadvise(stored.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
            yield stored, stored
