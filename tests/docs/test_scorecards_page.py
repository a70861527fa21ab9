"""docs/scorecards.md: its card loads and does what the page says, and what is written in csconnect.yaml is understood."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from ruamel.yaml import YAML

from csconnect.compute.cardfile import parse_scorecard
from csconnect.compute.cases import run_cases
from csconnect.compute.curve import Curve
from csconnect.config.model import CardChoice, Config
from csconnect.library.load import load_library

PAGE = (Path(__file__).parents[2] / "docs" / "scorecards.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
LIBRARY = load_library()


def test_the_card_of_the_page_says_what_the_page_says():
    card = parse_scorecard(BLOCKS["mine/scorecards/steady.yaml"], "steady.yaml", LIBRARY.signals)
    results = run_cases(duckdb.connect(), card)
    assert [result.case for result in results if not result.passed] == []
    assert len(results) == 4


@pytest.mark.parametrize(
    ("users", "before", "score", "band"),
    [
        (48, "green", 72, "green"),
        (45.4, "green", 71, "yellow"),
        (61.4, "yellow", 77, "yellow"),
        (64, "yellow", 78, "green"),
    ],
)
def test_the_margin_is_where_the_page_says(users, before, score, band):
    """ "stays green down to 72, a yellow one becomes green at 78"."""
    text = BLOCKS["mine/scorecards/steady.yaml"].replace("{active_user_rate: 50,", f"{{active_user_rate: {users},")
    text = text.replace("before: green", f"before: {before}").replace(
        "score: 73, band: green", f"score: {score}, band: {band}"
    )
    results = run_cases(duckdb.connect(), parse_scorecard(text, "steady.yaml", LIBRARY.signals))
    assert [result.wrong for result in results] == [()] * 4
    assert f"{'down to' if before == 'green' else 'green at'} {72 if before == 'green' else 78}" in PAGE


def test_what_the_page_shows_of_a_failing_case_is_what_one_reads(tmp_path, capsys, monkeypatch):
    from csconnect.cli.main import run

    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine" / "scorecards" / "steady.yaml"
    file.parent.mkdir(parents=True)
    (call,) = re.findall(r"^csconnect (test .+)$", PAGE, re.MULTILINE)
    file.write_text(BLOCKS["mine/scorecards/steady.yaml"], "utf-8")
    assert run(call.split()) == 0
    file.write_text(file.read_text("utf-8").replace("score: 73", "score: 74"), "utf-8")
    capsys.readouterr()
    assert run(call.split()) == 1
    (shown,) = re.findall(r"^```\n(  steady .+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        line.split() for line in shown.splitlines()
    ]


def test_its_configuration_is_one():
    data = YAML(typ="safe").load(BLOCKS["csconnect.yaml"])
    assert data.keys() <= Config.model_fields.keys()
    for each in data["scorecards"]:
        assert CardChoice.model_validate(each).card in LIBRARY.scorecards


@pytest.mark.parametrize(
    "written", re.findall(r"^\| `(\w+: .+?)` \|", PAGE.split("## Curves")[1].split("## Adding")[0], re.MULTILINE)
)
def test_every_curve_of_the_page_is_one(written):
    assert Curve.model_validate(YAML(typ="safe").load("{" + written + "}"))


def test_every_shipped_card_is_named():
    table = PAGE.split("## The shipped cards")[1].split("## When")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(LIBRARY.scorecards)
