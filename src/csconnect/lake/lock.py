"""One writer at a time: a lock file that the operating system releases when its process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from csconnect.errors import TransientError


class WriterLock:
    """Holds ``<root>/lock`` for one process. The file names the holder's process id, for people to read.

    A file left behind by a dead process is taken over without asking: the lock is the kernel's, not the file's existence.
    It works on local file systems; a lake on a network share must have one writer by arrangement.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / "lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock or raise `TransientError` that names the holder."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            file.close()
            raise TransientError(
                f"another run is writing to the lake (process {holder})",
                where=str(self._path),
                remedy="Wait until it has ended, then start again",
                code="E-LAKE-BUSY",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go; doing it twice is fine. The file stays, so that no two processes ever lock different files."""
        if self._file is not None:
            self._file.close()
            self._file = None
