"""The measured figures of the README: ``make bench``.

A generated company (2,000 accounts, two years of daily usage by default) stands in the emulator, a process of its own. Measured
is one ``csconnect sync --apply`` from an empty lake, as a process: wall time, time of each stage, its own peak memory; then the
same again on the same facts and day: it must plan nothing and spend only the incremental calls.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from csconnect_emulator.demo import CONFIG, serving

SCRIPT = "from csconnect.cli.main import main; main()"


def run(folder: Path, *arguments: str) -> tuple[int, str, float, float]:
    """Exit code, stdout, wall seconds and peak megabytes of one csconnect process."""
    read_end, write_end = os.pipe()
    started = time.perf_counter()
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", SCRIPT, "-c", str(folder / "csconnect.yaml"), *arguments],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, write_end, 1), (os.POSIX_SPAWN_CLOSE, read_end)],
    )
    os.close(write_end)
    with os.fdopen(read_end) as output:
        text = output.read()
    _, status, usage = os.wait4(process, 0)
    return os.waitstatus_to_exitcode(status), text, time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=2000)
    options.add_argument("--days", type=int, default=730)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="csconnect-bench-") as folder:
        measure(Path(folder), chosen.accounts, chosen.days)


def measure(folder: Path, accounts: int, days: int) -> None:
    """Print what two runs over a new company in ``folder`` cost."""
    started = time.perf_counter()
    with serving(folder, accounts, days, 7) as server:
        print(f"emulator ready after {time.perf_counter() - started:.0f} s: {accounts:,} accounts, {days} days")
        os.environ.update(server.secrets)
        text = CONFIG.format(
            salesforce=server.salesforce,
            hubspot=server.hubspot,
            ca=server.ca,
            files=(folder / "emulator" / "files").resolve(),
        )
        (folder / "csconnect.yaml").write_text(text)
        run(folder, "provision", "--apply")
        for title in ("from empty to applied", "again, same facts and day"):
            code, out, seconds, memory = run(folder, "sync", "--apply", "--format", "json")
            found = json.loads(out)
            print(f"{title}: exit {code}, {seconds:.1f} s, peak {memory:.0f} MB")
            print(f"  stages {found['seconds']}")
            print(f"  rows {sum(sum(rows.values()) for rows in found['pulled'].values()):,}, calls {found['calls']}")
            print(f"  bands {found['bands']}, changes planned {found['changes']}, outcomes {found.get('outcomes', {})}")


if __name__ == "__main__":
    sys.exit(main())
