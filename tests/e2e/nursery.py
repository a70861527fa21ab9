"""Starts ``csconnect`` processes quickly: a process with everything imported, of which each command is a fork.

What a fork does from its first line on is what ``csconnect`` does after its imports; it has its own environment, folder and files,
and dies like any process. Saved is the second of importing, a hundred times; that of reading what ships, library and mappings, of which
the process keeps what it read by its text; and the half second in which the interpreter takes all of this down. (That the script itself
starts, and comes to its end, is `test_cli`'s business.)

One JSON object a line on stdin: ``{"cwd", "env", "argv", "at"}``. The fork's output goes to ``at.out`` and ``at.err``, its process
id to ``at.pid``, and its exit code, negative for a signal, to ``at.code``.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from csconnect.library.load import load_library
from csconnect.mapping import load_mappings
from csconnect.stages.workspace import packaged_mappings

PACKAGES = ("csconnect", "csconnect_salesforce", "csconnect_hubspot", "csconnect_files")
SETTINGS = {"void_stage": "any"}
LEFT_OUT = ("csconnect.testing", "csconnect.mappings", "csconnect.ledger.migrations")


def preload() -> None:
    """Import what the commands import when they run."""
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.startswith(LEFT_OUT):
                importlib.import_module(module.name)
    library = load_library()
    for query in (*library.signals.values(), *library.rollups.values()):
        query.sql(date.min, grace_days=90)
    for rule in library.quality.values():
        rule.sql(date.min)
    for system in ("salesforce", "hubspot"):
        load_mappings(packaged_mappings(system), SETTINGS)
    gc.collect()
    gc.freeze()  # no collection in a fork need look at all this, and thereby copy it


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


def leave(said: object) -> NoReturn:
    """End as an interpreter does that was told to exit: when no thread works any more and all that was registered is done."""
    if said is not None and not isinstance(said, int):
        print(said, file=sys.stderr)
    code = said if isinstance(said, int) else int(said is not None)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _tell(path: str, number: int) -> None:
    part = Path(path + "~")
    part.write_text(str(number))
    part.rename(path)


if __name__ == "__main__":
    preload()
    if (wanted := serve()) is not None:
        become(wanted)
        from csconnect.cli.main import main

        try:
            main()
        except SystemExit as end:
            leave(end.code)
    leave(0)
