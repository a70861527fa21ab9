"""The command: fills an empty folder once, says how to log in, stops when told to, and finds its records again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

RUN = "from csconnect_emulator.plugin import emulator; emulator()"


def run(folder: Path) -> tuple[dict[str, str], int, int]:
    """Start, count the accounts, edit nothing, stop: what it said, how many accounts, and how it ended."""
    options = [
        "--accounts",
        "12",
        "--days",
        "5",
        "--data",
        str(folder),
        "--salesforce-port",
        "0",
        "--hubspot-port",
        "0",
    ]
    line = [sys.executable, "-W", "error", "-u", "-c", RUN, *options]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=env) as process, requests.Session() as session:
        assert process.stdout is not None
        said: dict[str, str] = {}
        for text in process.stdout:
            if text.startswith("Ctrl-C"):
                break
            name, _, value = text.strip().partition(": ")
            said.setdefault(name, value)
        session.trust_env = False
        url = f"{said['salesforce']}/services/data/v62.0/query?q=SELECT+COUNT()+FROM+Account"
        headers = {"Authorization": f"Bearer {said['session_id']}"}
        found = session.get(url, headers=headers, verify=said["trust"], timeout=20).json()["totalSize"]
        process.send_signal(signal.SIGTERM)
        return said, found, process.wait(20)


@pytest.mark.slow
def test_the_command_fills_serves_stops_and_remembers(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    said, accounts, code = run(folder)
    assert (accounts > 5, code) == (True, 0)
    assert said["hubspot"].startswith("http://127.0.0.1:")
    made = (folder / "emulator.sqlite").stat().st_ino
    assert (folder / "files").is_dir()
    again, same, code = run(folder)
    assert (same, code, (folder / "emulator.sqlite").stat().st_ino) == (accounts, 0, made)
    assert again["trust"] == said["trust"]
