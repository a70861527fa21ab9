"""The connector, the bench and the test file of docs/connectors.md are run as they stand there."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from csconnect.connectors.protocols import Context
from csconnect.errors import AuthError, ExternalError

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
    book = {"csc_book/__init__.py", "csc_book/mappings/account.yaml", "book_bench.py", "test_book.py"}
    assert set(files) == {*book, "csc_calls.py"}
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


def test_the_calls_of_the_page_renew_repeat_and_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    page, heard, waits = runpy.run_path(str(tmp_path / "csc_calls.py")), list[tuple[str, object]](), list[float]()
    answers: list[tuple[int, dict[str, object], dict[str, str]]] = []

    def answered(session: object, method: str, url: str, **options: object) -> requests.Response:
        body = options["json"]
        assert isinstance(body, dict)
        heard.append((url.rsplit("/", 1)[1], body.get("token")))
        tokens = sum(path == "token" for path, _ in heard)
        signed_in: tuple[int, dict[str, object], dict[str, str]] = (200, {"code": 0, "token": f"t{tokens}"}, {})
        status, said, headers = signed_in if url.endswith("/token") else answers.pop(0)
        answer = requests.Response()
        answer.status_code, answer._content = status, json.dumps(said).encode()
        answer.headers.update(headers)
        return answer

    monkeypatch.setattr(requests.Session, "request", answered)
    calls = page["Calls"]("https://crm.example", "the-secret", Context("crm", sleep=waits.append))
    answers += [(200, {"code": 20016}, {}), (429, {}, {"Retry-After": "7"}), (200, {"code": 50001}, {})]
    answers += [(200, {"code": 0, "rows": 1}, {})]
    assert calls.post("/query", {"of": 1}, twice_is_once=False)["rows"] == 1
    assert heard == [("token", None), ("query", "t1"), ("token", None), *[("query", "t2")] * 3]
    assert 7.0 in waits
    assert calls.http.calls == 4
    answers += [(200, {"code": 20016}, {})] * 2
    with pytest.raises(AuthError, match="fresh token"):
        calls.post("/query", {}, twice_is_once=True)
    answers += [(200, {"code": 30003, "message": "no such object t3 the-secret"}, {})]
    with pytest.raises(ExternalError, match=r"no such object \*\*\* \*\*\* \(30003\)|no such object t3 \*\*\*"):
        calls.post("/query", {}, twice_is_once=True)
