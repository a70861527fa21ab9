"""``csconnect`` as a process: started, watched, killed, and asked how it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Process:
    """A command under way; ``at`` is where its files are (see nursery.py)."""

    at: Path

    @property
    def pid(self) -> int:
        return self._number(".pid") or 0

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._number(".code")

    def kill(self) -> None:
        """``kill -9``, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def ended(self, seconds: float = 90) -> Ran:
        """How it ended, once it has."""
        end = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                self.kill()
                raise TimeoutError(self.at.with_suffix(".err").read_text("utf-8"))
            time.sleep(0.004)
        out, err = (self.at.with_suffix(suffix).read_text("utf-8") for suffix in (".out", ".err"))
        return Ran(code, out, err)

    def _number(self, suffix: str) -> int | None:
        path = self.at.with_suffix(suffix)
        return int(path.read_text()) if path.exists() else None


class Nursery:
    """Where processes come from (nursery.py)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        line = [sys.executable, str(Path(__file__).with_name("nursery.py"))]
        env = bare_environ(folder)
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, cwd=folder, env=env, text=True, encoding="utf-8")

    def start(self, cwd: Path, env: Mapping[str, str], *argv: str) -> Process:
        self.count += 1
        at = self.folder / f"process{self.count}"
        request = {"cwd": str(cwd), "env": dict(env), "argv": argv, "at": str(at)}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return Process(at)

    def close(self) -> None:
        self.process.communicate(timeout=20)


def csconnect() -> list[str]:
    """How the command is started: the script beside this interpreter."""
    return [str(Path(sys.executable).with_name("csconnect"))]


def bare_environ(home: Path) -> dict[str, str]:
    """An environment without anybody's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    return {**kept, "HOME": str(home), "NO_PROXY": "*", "PYTHONUTF8": "1"}
