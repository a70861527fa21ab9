"""The command line before any system is reached: help, speed, plain messages, exit codes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, SecretStr
from ruamel.yaml import YAML

from csconnect.cli.main import COMMANDS
from csconnect.connectors.protocols import Connector
from csconnect.mapping.schema import schema_text

sys.path.insert(
    0, str(Path(__file__).parents[1] / "e2e")
)  # tests are no packages; where processes come from is that folder's

from e2e_processes import Nursery

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


FORKS: list[Nursery] = []
"""Where processes come from: one, with everything imported."""


@pytest.fixture(scope="module", autouse=True)
def forks(tmp_path_factory):
    FORKS.append(Nursery(tmp_path_factory.mktemp("nursery")))
    yield
    FORKS.pop().close()


def run(*arguments: str, cwd: Path, flags: tuple[str, ...] = (), **environ: str) -> subprocess.CompletedProcess[str]:
    """``csconnect ARGUMENTS`` as a process of its own: a fork, but where something is said to the interpreter that starts it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("SF_", "HUBSPOT_"))} | environ
    if not flags and not any(name.startswith("PYTHON") for name in environ):
        ran = FORKS[0].start(cwd, env, *arguments).ended(120)
        return subprocess.CompletedProcess(arguments, ran.code, ran.out, ran.err)
    line = [sys.executable, *flags, "-c", "from csconnect.cli.main import main; main()", *arguments]
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
        input="lifecyclestage\ncustomer, evangelist\ncsm_owner\nrenewals\nstart\ngone\nyuan\nCNY\nzh\n",
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
        "currency: CNY",
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


FILES = """\
version: 1
connections:
  crm:
    connector: files
    home: true
    write_back: {account: true, opportunity: true}
    settings: {tables: {accounts: accounts.csv, terms: terms.csv}}
"""


@pytest.fixture
def exports(tmp_path):
    """A folder of exports whose customer has a name that no table, log or terminal likes."""
    (tmp_path / "csconnect.yaml").write_text(FILES, "utf-8")
    name = '"Müller ""云帆"" 🚀\nGmbH \x1b[31mred\x1b[0m ' + "x" * 200 + '"'
    (tmp_path / "accounts.csv").write_text(f"id,name,is_customer\nA1,{name},true\n", "utf-8")
    terms = "id,account_id,start,end,amount,currency\nT1,A1,2026-02-01,2026-12-01,100,USD\n"
    (tmp_path / "terms.csv").write_text(terms, "utf-8")
    return tmp_path


def test_check_asks_nothing_of_exports_that_only_a_system_could_give(exports):
    done = run("check", "--format", "json", cwd=exports)
    found = json.loads(done.stdout)["crm"]
    assert (done.returncode, {each["level"] for each in found}) == (0, {"ok", "note"})
    absent = [each["what"] for each in found if each["code"] == "N-OBJECT"]
    assert len(absent) == 1, "one line for all tables that are not delivered"
    assert "contacts" in absent[0]


@pytest.mark.parametrize("spelling", ["utf-8", "ascii", "gbk"])
def test_any_name_can_be_shown_anywhere(exports, spelling):
    environ = {"PYTHONIOENCODING": spelling, "PYTHONUTF8": "0"}
    assert run("pull", cwd=exports).returncode == 0
    day = ("--as-of", "2026-11-22")
    line = [sys.executable, "-c", "from csconnect.cli.main import main; main()", "score", *day]
    score = subprocess.run(line, cwd=exports, env={**os.environ, **environ}, capture_output=True, timeout=60)
    shown = score.stdout.decode(spelling)
    assert (score.returncode, score.stderr) == (0, b"")
    assert "\x1b" not in shown
    assert [text.count("GmbH") for text in shown.splitlines()].count(1) == 1, "one line an account"
    plan = run("plan", *day, "--format", "json", cwd=exports, PYTHONIOENCODING=spelling)
    assert plan.returncode == 2
    assert json.loads(plan.stdout)["changes"][0]["label"].startswith('Müller "云帆" 🚀\nGmbH \x1b')
    table = run("plan", *day, cwd=exports).stdout
    assert "T1" not in table
    assert all(len(text) <= 160 for text in table.splitlines())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plan", "--out", "nowhere/plan.json"], ("nowhere", "E-FILE", "No such file")),
        (["-c", "accounts.csv", "init", "files", "--defaults"], ("--force",)),
        (["-c", ".", "pull"], ("directory", "E-CONFIG")),
        (["-c", ".", "init", "files", "--defaults", "--force"], ("folder", "E-CONFIG")),
        (["init", "files", "--name", "a:b", "--force"], ("'a:b'", "E-CONFIG")),
        (["init", "files", "--force"], ("--defaults", "E-CONFIG")),
        (["score", "--as-of", "0001-01-01"], ("1990",)),
        (["score", "--limit", "-1"], ("--limit",)),
    ],
)
def test_what_cannot_be_done_is_one_sentence(exports, arguments, says):
    done = run(*arguments, cwd=exports)
    assert (done.returncode, done.stdout) == (1, "") or arguments[0] == "init"
    assert "E-BUG" not in done.stderr
    assert all(word in done.stderr for word in says), done.stderr
    assert (exports / "csconnect.yaml").read_text("utf-8") == FILES


def test_nobody_to_score_is_said(exports):
    (exports / "csconnect.yaml").write_text(
        FILES.replace("home: true", "home: true\n    customers: {field: name, values: [x]}")
    )
    assert "no account is a customer" in run("score", cwd=exports).stderr, "nothing was pulled yet"
    assert "no account is a customer" in run("sync", cwd=exports).stderr


@pytest.mark.parametrize(("setting", "says"), [("tables", "'accounts'"), ("entities", "'account'")])
def test_what_no_mapping_reads_is_no_silence(exports, setting, says):
    old, new = {
        "tables": ("{accounts:", "{acounts:"),
        "entities": ("home: true", "home: true\n    entities: [acount]"),
    }[setting]
    (exports / "csconnect.yaml").write_text(FILES.replace(old, new))
    done = run("pull", cwd=exports)
    assert done.returncode == 1
    assert f"crm: {setting}" in done.stderr
    assert f"Did you mean {says}" in done.stderr


def test_answers_that_yaml_would_misread_come_back_as_they_were_given():
    from csconnect.cli.questions import QUESTIONS, render

    answers = {question.name: question.default for question in QUESTIONS["hubspot"]} | {
        "name": "hub",
        "values": 'Tier: 1, no, 7, #a, it\'s "x"',
        "field": "is customer?",
        "pipeline": "0012345",
        "csm_field": "csm",
    }
    file = YAML(typ="safe").load(render("hubspot", answers))["connections"]["hub"]
    assert file["customers"] == {"field": "is customer?", "values": ["Tier: 1", "no", "7", "#a", 'it\'s "x"']}
    assert file["write_back"]["settings"]["pipeline"] == "0012345"
    assert file["csm_field"] == "csm"
    assert (
        "csm_field" not in YAML(typ="safe").load(render("hubspot", answers | {"csm_field": "-"}))["connections"]["hub"]
    )


def test_init_takes_the_exports_that_are_there(exports):
    (exports / "usage").mkdir()
    (exports / "usage" / "2026-11.parquet").touch()
    from csconnect.cli.questions import render

    lines = [line.strip() for line in render("files", {"folder": ".", "name": "crm"}, exports).splitlines()]
    assert {'accounts: "./accounts.csv"', 'usage: "./usage/*.parquet"', '# goals: "./goals.csv"'} <= set(lines)
    assert not any(line.startswith("goals") for line in lines)


def test_init_on_a_full_disk_costs_nothing(exports, monkeypatch):
    from csconnect.cli.main import run as go

    def full(self, *_):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    before = sorted(exports.iterdir())
    assert go(["-c", str(exports / "csconnect.yaml"), "init", "files", "--defaults", "--force"]) == 1
    assert (exports / "csconnect.yaml").read_text("utf-8") == FILES
    assert sorted(exports.iterdir()) == before


class Invented(BaseModel):
    url: str = Field("https://crm.example", description="Where the API is")
    name: str  # a word that init uses itself
    token: SecretStr
    spare: SecretStr | None = None
    page: int = 100
    depth: int


def test_init_knows_the_settings_of_a_plugins_connector(tmp_path, monkeypatch, capsys):
    """Whoever has installed a plugin starts as everybody does; the author only declared settings."""
    from csconnect.cli.main import run as go
    from csconnect.connectors import registry

    asks = ("url", "name", "token")
    found = registry.Registry(
        connectors={
            "inv-ented": Connector("inv-ented", "Invented", Invented, lambda settings, context: None, asks=asks)
        }
    )
    monkeypatch.setattr(registry, "installed", lambda: found)
    monkeypatch.setattr("csconnect.cli.setup._credentials_there", lambda path: False)
    answers = iter(["http://127.0.0.1:9", "ours: 1", "CNY", "zh"])
    asked = []
    monkeypatch.setattr("click.prompt", lambda text, default: asked.append(text) or next(answers))
    path = tmp_path / "csconnect.yaml"
    assert go(["-c", str(path), "init", "inv-ented", "--name", "crm"]) == 0
    assert asked[:2] == ["Where the API is", "Invented: name"]
    assert "export INV_ENTED_TOKEN=..." in " ".join(capsys.readouterr().out.split())
    written = YAML(typ="safe").load(path.read_text("utf-8"))
    connection = written["connections"]["crm"]
    assert (written["language"], connection["currency"], connection["connector"]) == ("zh", "CNY", "inv-ented")
    assert connection["settings"] == {
        "url": "http://127.0.0.1:9",
        "name": "ours: 1",
        "token": "env:INV_ENTED_TOKEN",
        "depth": "",
    }
    assert go(["-c", str(path), "init", "nowhere", "--force"]) == 1
    assert "Installed: inv-ented" in " ".join(capsys.readouterr().err.split())


def test_a_score_for_each_product_line(exports):
    """One customer of two lines: a card of its own says which signals speak of a line."""
    (exports / "csconnect.yaml").write_text(
        FILES.replace("connections:", "scorecard: own\nlibrary: mine\nconnections:").replace(
            "terms: terms.csv", "terms: terms.csv, usage: usage.csv, modules: modules.csv"
        )
    )
    (exports / "accounts.csv").write_text("id,name,is_customer\nA1,Acme,true\n")
    terms = "id,account_id,product_line,start,end\n"
    terms += "".join(f"T{line},A1,{line},2026-02-01,2027-02-01\n" for line in ("CRM", "Desk"))
    (exports / "terms.csv").write_text(terms)
    (exports / "modules.csv").write_text("id,name,core,product_line\norder,o,true,CRM\ncase,c,true,Desk\n")
    (exports / "usage.csv").write_text("account_id,user,day,modules,logins\nA1,u,2026-11-20,order,1\n")
    (exports / "mine" / "scorecards").mkdir(parents=True)
    (exports / "mine" / "scorecards" / "own.yaml").write_text(
        "scorecard: own\nversion: 1\ntitle: {en: Own}\nbands: {green: 80, yellow: 60}\ndimensions:\n  use:\n    title: {en: Use}\n"
        "    weight: 100\n    signals:\n      core_module_use: {weight: 100, curve: {linear: {from: 0, to: 100}}}\n"
    )
    assert run("pull", cwd=exports).returncode == 0
    day = ("--as-of", "2026-11-22", "--format", "json")
    whole, lines = (json.loads(run("score", *day, *more, cwd=exports).stdout) for more in ((), ("--by-line",)))
    assert [(row["score"], row["band"]) for row in whole] == [(50, "red")]
    assert [(row["line"], row["score"], row["band"]) for row in lines] == [("Desk", 0, "red"), ("CRM", 100, "green")]


def test_cards_say_whether_they_still_mean_what_they_meant(tmp_path):
    """No configuration, no connection: the shipped cards pass; a case that does not hold is said with what came out."""
    shipped = run("test", cwd=tmp_path)
    assert (shipped.returncode, shipped.stderr) == (0, "")
    assert all(f"{name} " in shipped.stdout for name in ("behaviour", "book", "weekly_health"))
    (tmp_path / "mine" / "scorecards").mkdir(parents=True)
    card = "scorecard: own\nversion: 3\ntitle: {en: Own}\nbands: {green: 80, yellow: 60}\ndimensions:\n  d:\n    title: {en: D}\n"
    card += "    weight: 100\n    signals:\n      nps: {weight: 100, curve: {linear: {from: 0, to: 10}}}\ncases:\n"
    card += "  - {name: nine is green, given: {nps: 9}, expect: {score: 90, band: green}}\n"
    (tmp_path / "mine" / "scorecards" / "own.yaml").write_text(card)
    mine = ("--library", "mine")
    assert run("test", "own", *mine, cwd=tmp_path).stdout.split() == ["own", "v3", "·", "1", "of", "1", "cases", "pass"]
    (tmp_path / "mine" / "scorecards" / "own.yaml").write_text(card.replace("score: 90", "score: 91"))
    failed = run("test", "own", *mine, cwd=tmp_path)
    assert failed.returncode == 1
    assert "nine is green: score is 90, not 91" in failed.stdout
    (machine,) = json.loads(run("test", "own", *mine, "--format", "json", cwd=tmp_path).stdout)
    assert [case["wrong"] for case in machine["cases"]] == [["score is 90, not 91"]]
    (tmp_path / "mine" / "scorecards" / "own.yaml").write_text(card.replace("nps: 9", "npz: 9"))
    assert "own.yaml:12:" in run("test", *mine, cwd=tmp_path).stderr
    assert "no scorecard 'nope'" in run("test", "nope", cwd=tmp_path).stderr


def test_cards_are_tested_with_the_library_of_the_configuration(tmp_path):
    """Secrets and systems are not needed for it, and nothing is made by the way; a configuration that was named must be there."""
    run("init", "salesforce", "--defaults", cwd=tmp_path)
    (tmp_path / "mine" / "scorecards").mkdir(parents=True)
    card = "scorecard: own\nversion: 1\ntitle: {en: Own}\nbands: {green: 80, yellow: 60}\ndimensions:\n  d:\n    title: {en: D}\n"
    card += "    signals:\n      nps: {weight: 100, curve: {linear: {from: 0, to: 10}}}\n"
    (tmp_path / "mine" / "scorecards" / "own.yaml").write_text(card)
    assert "no scorecard 'own'" in run("test", "own", cwd=tmp_path).stderr
    settings = tmp_path / "csconnect.yaml"
    settings.write_text(settings.read_text("utf-8") + "\nlibrary: mine\n", "utf-8")
    done = run("test", "own", cwd=tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["own", "v1", "·", "carries", "no", "cases"]), done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["csconnect.yaml", "mine"]
    wrong = run("--config", "elsewhere.yaml", "test", cwd=tmp_path)
    assert wrong.returncode == 1
    assert "elsewhere.yaml" in wrong.stderr
