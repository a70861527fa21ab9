"""The command line before any system is reached: help, speed, plain messages, exit codes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from csconnect.cli.main import COMMANDS
from csconnect.mapping.schema import schema_text

ROOT = Path(__file__).parents[2]
HEAVY = (
    "duckdb",
    "pyarrow",
    "simple_salesforce",
    "hubspot",
    "sqlalchemy",
    "pydantic",
    "requests",
    "rich",
    "babel",
    "sqlglot",
)


def run(*arguments: str, cwd: Path, flags: tuple[str, ...] = (), **environ: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, *flags, "-c", "from csconnect.cli.main import main; main()", *arguments]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("SF_", "HUBSPOT_"))} | environ
    return subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("command", [*COMMANDS, "emulator", "demo"])
def test_every_command_has_help_worth_reading(tmp_path, command):
    done = run(command, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Usage: " in done.stdout
    assert len(done.stdout.split("\n\n")[1].strip()) > 30, "one sentence at least says what it is for"


def test_help_lists_commands_of_plugins_and_imports_nothing_heavy(tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run("--help", cwd=tmp_path, flags=("-X", "importtime"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "demo" in done.stdout
    assert "from csconnect-emulator" in done.stdout
    imported = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported, "the probe sees imports"
    assert not imported & set(HEAVY)
    assert after.ru_utime - before.ru_utime < 0.4, "about 0.1 s of CPU on an idle machine"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["sync", "--nonsense"], ["score", "--as-of", "yesterday"], ["explain"]]
)
def test_a_wrong_call_is_one_with_a_hint(tmp_path, arguments):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert "Usage:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["check", "pull", "score", "plan", "apply", "sync", "undo", "runs", "quarantine", "fold"]
)
def test_without_a_configuration_it_says_how_to_make_one(tmp_path, command):
    done = run(command, cwd=tmp_path)
    assert done.returncode == 1
    assert "csconnect init" in done.stderr
    assert not list(tmp_path.iterdir()), "nothing is made by the way"


@pytest.mark.parametrize("system", ["salesforce", "hubspot", "files"])
def test_init_writes_a_file_that_loads(tmp_path, system):
    (tmp_path / "exports").mkdir()
    done = run("init", system, "--defaults", cwd=tmp_path)
    text = (tmp_path / "csconnect.yaml").read_text("utf-8")
    assert "env:" in text or system == "files"
    assert "wrote csconnect.yaml" in done.stdout
    again = run("init", system, "--defaults", cwd=tmp_path)
    assert again.returncode == 1
    assert "--force" in again.stderr
    listed = run("mapping", "check", cwd=tmp_path, SF_CLIENT_ID="x", SF_CLIENT_SECRET="x", HUBSPOT_SERVICE_KEY="x")
    assert listed.returncode == 0, listed.stderr
    assert "account" in listed.stdout


def test_init_asks(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from csconnect.cli.main import main; main()", "init", "hubspot", "--name", "portal"],
        cwd=tmp_path,
        input="lifecyclestage\ncustomer, evangelist\ncsm_owner\nrenewals\nstart\ngone\nzh\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    text = (tmp_path / "csconnect.yaml").read_text("utf-8")
    for said in (
        "portal:",
        "values: [customer, evangelist]",
        "csm_field: csm_owner",
        "pipeline: renewals",
        "void_stage: gone",
        "language: zh",
    ):
        assert said in text, done.stderr


def test_the_schema_of_mappings_is_the_committed_one(tmp_path):
    printed = run("mapping", "schema", cwd=tmp_path).stdout
    committed = (ROOT / "mappings" / "schema.json").read_text("utf-8")
    assert json.loads(printed) == json.loads(committed) == json.loads(schema_text())


@pytest.mark.parametrize("system", ["salesforce", "hubspot", "files"])
def test_packaged_mappings_are_fine(tmp_path, system):
    done = run("mapping", "check", str(ROOT / "mappings" / system), cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_broken_plugin_is_named_and_the_others_run(tmp_path):
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[csconnect]\nbroken = no_such_module_anywhere\n")
    done = run("plugins", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0
    assert "no_such_module_anywhere" in done.stdout
    assert "salesforce" in done.stdout
    assert run("plugins", "--strict", cwd=tmp_path, PYTHONPATH=str(tmp_path)).returncode == 1
    listed = json.loads(run("plugins", "--format", "json", cwd=tmp_path).stdout)
    assert {each["name"] for each in listed} >= {"files", "salesforce", "hubspot"}
