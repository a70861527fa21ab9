"""The connector, the bench and the test file of docs/connectors.md are run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"
BLOCK = re.compile(r"^```(?:python|yaml)\n# (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def written(folder: Path) -> dict[str, str]:
    """The page's files, written below ``folder``."""
    files = dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return files


def kit(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    options = ["-q", "-p", "no:cacheprovider", "-W", "error", "-o", "pythonpath=.", "--tb=short", *more]
    return subprocess.run([sys.executable, "-m", "pytest", *options], cwd=folder, capture_output=True, text=True)


@pytest.mark.timeout(120)
def test_the_connector_of_the_page_keeps_to_the_kit(tmp_path: Path) -> None:
    files = written(tmp_path)
    assert set(files) == {"csc_book/__init__.py", "csc_book/mappings/account.yaml", "book_bench.py", "test_book.py"}
    assert len([line for line in files["test_book.py"].splitlines() if line.strip()]) <= 12
    done = kit(tmp_path)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    found = re.search(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    assert found, done.stdout[-500:]
    assert int(found[1]) >= 30


@pytest.mark.timeout(120)
def test_a_slip_in_it_is_found(tmp_path: Path) -> None:
    written(tmp_path)
    path = tmp_path / "csc_book" / "__init__.py"
    right = path.read_text(encoding="utf-8")
    assert "int(request.cursor or 0), -1" in right
    path.write_text(right.replace("int(request.cursor or 0), -1", "int(request.cursor or 0), 10**9"), encoding="utf-8")
    done = kit(tmp_path, "-k", "boundary")
    assert done.returncode == 1
    assert "never `>`" in done.stdout
