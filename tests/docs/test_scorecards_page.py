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
    assert (card.bands.green, card.bands.hold) == (75, 3)
    assert "the last one above is green only down to 72" in PAGE


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
