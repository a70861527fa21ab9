"""Starts ``csconnect`` processes quickly: a process with everything imported, of which each command is a fork.

What a fork does from its first line on is what ``csconnect`` does after its imports; it has its own environment, folder and files,
and dies like any process. Only the second of importing is saved, a hundred times, and that of reading the shipped library, which the
process keeps by its text. (That the script itself starts is `test_cli`'s business.)

One JSON object a line on stdin: ``{"cwd", "env", "argv", "at"}``. The fork's output goes to ``at.out`` and ``at.err``, its process
id to ``at.pid``, and its exit code, negative for a signal, to ``at.code``.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any

from csconnect.library.load import load_library

PACKAGES = ("csconnect", "csconnect_salesforce", "csconnect_hubspot", "csconnect_files")
LEFT_OUT = ("csconnect.testing", "csconnect.mappings", "csconnect.ledger.migrations")


def preload() -> None:
    """Import what the commands import when they run."""
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.startswith(LEFT_OUT):
                importlib.import_module(module.name)
    load_library()


def serve() -> dict[str, Any] | None:
    """Fork for each request; returns the request in the fork that is to carry it out, None in the end."""
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        if keeper := os.fork():
            os.waitpid(keeper, 0)  # it hands on and goes at once
        elif os.fork():
            os._exit(0)
        elif fork := os.fork():
            _tell(request["at"] + ".pid", fork)
            _, status = os.waitpid(fork, 0)
            _tell(request["at"] + ".code", os.waitstatus_to_exitcode(status))
            os._exit(0)
        else:
            return request
    return None


def become(request: dict[str, Any]) -> None:
    """Put on what a new process would have been given."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for number, name in enumerate((os.devnull, request["at"] + ".out", request["at"] + ".err")):
        file = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["csconnect", *request["argv"]]


def _tell(path: str, number: int) -> None:
    part = Path(path + "~")
    part.write_text(str(number))
    part.rename(path)


if __name__ == "__main__":
    preload()
    if (wanted := serve()) is not None:
        become(wanted)
        from csconnect.cli.main import main

        main()
