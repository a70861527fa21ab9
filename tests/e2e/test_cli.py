"""The installed script itself, the emulator and the demo as processes, and what machines read. (What the command line does before
any system is reached is in tests/cli.)"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.slow
SF, HS = "northwind", "lantu"
SCRIPT = str(Path(sys.executable).with_name("csconnect"))
HEAVY = {"duckdb", "pyarrow", "simple_salesforce", "hubspot", "pydantic", "requests", "sqlalchemy", "rich", "ruamel"}


@pytest.fixture
def script(tmp_path):
    """Run the script that pip installed, in an empty folder."""

    def running(*arguments, cwd=tmp_path, **environ):
        env = {**os.environ, "NO_PROXY": "*", **environ}
        return subprocess.run([SCRIPT, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)

    return running


def test_help_is_quick(script, tmp_path):
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        ran = script("--help")
        spent.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        assert (ran.returncode, ran.stderr) == (0, "")
    assert min(spent) < 0.3, "about 0.1 s on an idle machine"
    line = [sys.executable, "-X", "importtime", SCRIPT, "--help"]
    told = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=60).stderr
    imported = {each.split("|")[-1].strip().split(".")[0] for each in told.splitlines()}
    assert "click" in imported
    assert imported & HEAVY == set()


def test_every_listed_command_has_help(script, story, tmp_path):
    listed = re.findall(r"^  (\w+)  ", script("--help").stdout.split("Commands:", 1)[1], re.MULTILINE)
    assert {"init", "check", "sync", "emulator", "demo"} <= set(listed)
    commands = [[name] for name in listed] + [["mapping", "check"], ["mapping", "schema"]]
    begun = [story.nursery.start(tmp_path, dict(os.environ), *command, "--help") for command in commands]
    ends = [process.ended() for process in begun]
    assert [(ran.code, ran.err, "Usage: " in ran.out) for ran in ends] == [(0, "", True)] * len(commands)


def test_every_json_is_one_value(company):
    """Of the commands whose JSON no other test reads."""
    planned = company("planned")
    exports = ["provision", "--export", "fields"]
    for command in (
        ["provision"],
        exports,
        ["apply"],
        ["undo", "--release"],
        ["unlock"],
        ["plugins"],
        ["pull"],
        ["fold"],
    ):
        ran = planned(*command, "--format", "json")
        assert (ran.code, ran.err, bool(json.loads(ran.out))) == (0, "", True), command
    assert {"package.xml"} <= {path.name for path in (planned.folder / "fields").rglob("*")}


def test_a_plugin_that_broke_is_said_aside_and_the_command_goes_on(company, script):
    applied = company("applied")
    info = applied.folder / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[csconnect]\nbroken = no_such_module_anywhere\n")
    environ = {**applied.environ(), "PYTHONPATH": str(applied.folder)}
    ran = script("runs", "--format", "json", cwd=applied.folder, **environ)
    assert (ran.returncode, [run["kind"] for run in json.loads(ran.stdout)]) == (0, ["apply", "plan"])
    assert "plugin broken is switched off" in ran.stderr
    strict = script("plugins", "--strict", cwd=applied.folder, **environ)
    assert strict.returncode == 1
    assert "no_such_module_anywhere" in strict.stdout


@pytest.fixture
def emulator(tmp_path):
    """A small emulator as a process of its own, and what it says of itself."""
    line = [SCRIPT, "emulator", "--accounts", "6", "--days", "5", "--salesforce-port", "0", "--hubspot-port", "0"]
    with subprocess.Popen(line, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = {}
            for text in process.stdout:
                if text.startswith("Ctrl-C"):
                    break
                name, _, value = text.strip().partition(": ")
                said.setdefault(name, value)
            yield said
        finally:
            process.kill()


def test_the_script_and_an_emulator_that_somebody_else_started(company, script, emulator):
    fresh = company("fresh")
    there = {"SF_URL": emulator["salesforce"], "HS_URL": emulator["hubspot"], "SF_CA": emulator["trust"]}
    environ = {**fresh.environ(), **there}
    ran = script("-c", str(fresh.config), "pull", SF, HS, "--format", "json", **environ)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)[SF]["rows"]["account"] >= 3
    with requests.Session() as session:
        session.trust_env = False
        log = session.get(f"{emulator['hubspot']}/_emulator/log", timeout=10).json()
    assert {entry["system"] for entry in log} == {"salesforce", "hubspot"}


def test_the_demo_tells_the_whole_story(script, tmp_path):
    ran = script("demo", "--accounts", "8", "--days", "40", "--dir", "demo")
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    for told in (
        "created",
        "fingerprint",
        "0 refused",
        "nothing to change",
        "Acme Robotics =",
        "withdrawn",
    ):
        assert told in ran.stdout, told
    assert "read again: 0 of our values or open records left" in ran.stdout
    assert "Done. Nothing left this machine." in ran.stdout
