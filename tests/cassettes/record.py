"""Records cassettes: ``python tests/cassettes/record.py`` plays the tests of ``recorded/`` against the emulator.

With ``--sandbox FILE TESTS...`` it plays tests of yours against your own test org; see docs/cassettes.md. New cassettes are
put in place only when every test passed and the scan found nothing in them.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import hygiene
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TESTS = ("test_recorded_salesforce.py", "test_recorded_hubspot.py")


class Registration:
    """Gives pytest the recorder, under the name by which the conftest finds it."""

    def __init__(self, folder: Path, sandbox: Path | None) -> None:
        self._folder, self._sandbox = folder, sandbox
        self.secrets: set[str] = set()

    def pytest_configure(self, config: pytest.Config) -> None:
        # Only now: what the emulator imports are pytest plugins too, which pytest wants to import itself.
        import recorder

        folder, sandbox = self._folder, self._sandbox
        made = (
            recorder.SandboxRecorder(folder, recorder.orgs_of(sandbox))
            if sandbox
            else recorder.EmulatorRecorder(folder)
        )
        config.pluginmanager.register(made, recorder.NAME)
        self.secrets = made.secrets


def unclean(folder: Path, secrets: set[str]) -> list[str]:
    """What the scan finds in the cassettes of ``folder``."""
    return [
        f"{file.relative_to(folder)}: {found}"
        for file in sorted(folder.rglob("*.yaml"))
        for found in hygiene.findings(file.read_text(encoding="utf-8"), hosts=(), secrets=secrets)
    ]


def put_in_place(folder: Path) -> None:
    """Each folder of new cassettes replaces the old one whole, so that none is left of a test that is gone."""
    for made in sorted({file.parent for file in folder.rglob("*.yaml")}):
        place = HERE / made.relative_to(folder)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(made, place)
        print(f"{place.relative_to(HERE)}: {len(list(place.glob('*.yaml')))} cassettes")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Record cassettes; see docs/cassettes.md.")
    parser.add_argument("--sandbox", type=Path, help="YAML file with the settings of your own test orgs")
    parser.add_argument("tests", nargs="*", help="test files below tests/cassettes (default: the emulator's)")
    given = parser.parse_args(arguments)
    if bool(given.sandbox) != bool(given.tests):
        parser.error("give --sandbox together with test files of your own, or neither")
    tests = given.tests or [str(HERE / name) for name in TESTS]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        plugin = Registration(folder, given.sandbox)
        options = ["--vcr-record=all", "-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir", str(ROOT)]
        code = pytest.main([*options, "-c", str(ROOT / "pyproject.toml"), *tests], plugins=[plugin])
        if code:
            print("nothing was put in place: a test failed")
            return int(code)
        if problems := unclean(folder, plugin.secrets):
            print("nothing was put in place: the scan found", *problems, sep="\n  ")
            return 1
        put_in_place(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
