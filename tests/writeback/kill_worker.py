"""Applies a plan in a process of its own, against a CRM kept in a log file, so that the process can really be killed.

Arguments: the folder that holds ``plan.json``, ``crm.log`` and ``ledger.db``; seconds to dawdle over every record.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from csconnect.connectors.protocols import Capabilities
from csconnect.ledger import Ledger
from csconnect.mapping.load import load_mappings
from csconnect.testing.memory import MEMORY_MAPPINGS, MemorySystem
from csconnect.writeback import Writers, apply_plan, load_plan, undo_run


class LoggedSystem(MemorySystem):
    """A CRM in memory that writes every change to a log before it answers, and starts from that log."""

    def __init__(self, path: Path, dawdle: float = 0.0) -> None:
        super().__init__(capabilities=Capabilities(writes=True, write_batch=4, write_threads=2, lookup_batch=50))
        self.log, self.dawdle = None, 0.0
        for line in path.read_text().splitlines() if path.exists() else []:
            method, *arguments = json.loads(line)
            getattr(self, method)(*arguments)
        self.log, self.dawdle = path.open("a"), dawdle

    def put(self, object, values, id=None):
        id = super().put(object, values, id)
        self._log("put", object, dict(values), id)
        return id

    def link(self, object, id, to, other):
        super().link(object, id, to, other)
        self._log("link", object, id, to, other)

    def _log(self, *entry):
        if self.log is not None:
            self.log.write(json.dumps(entry) + "\n")
            self.log.flush()
            time.sleep(self.dawdle)


def main(folder: Path, dawdle: float, verb: str) -> int:
    crm = LoggedSystem(folder / "crm.log", dawdle)
    plan = load_plan(folder / "plan.json")
    writers = Writers.of({"crm": load_mappings([MEMORY_MAPPINGS])})
    with Ledger.open(folder / "ledger.db") as ledger, ledger.lock("run"):
        if verb == "undo":
            undone = undo_run(plan.run_id, {"crm": crm}, ledger, writers, made_at=plan.made_at, as_of=plan.as_of)
            return undone.applied.exit_code
        return apply_plan(plan, {"crm": crm}, ledger, writers).exit_code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
