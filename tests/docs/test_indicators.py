"""docs/indicators.md: what it names exists, and every signal, card and danger rule that exists is named there or in docs/domain.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from csconnect.library.load import load_library
from csconnect.model.enums import Cause, LifecycleStage

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "indicators.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| source", "|---"))]
LIBRARY = load_library()


def known() -> set[str]:
    """Everything that the page may name."""
    cards = LIBRARY.scorecards.values()
    names = {*LIBRARY.signals, *LIBRARY.rollups, *LIBRARY.scorecards, *LIBRARY.dangers, *LifecycleStage, *Cause}
    names |= {rule.name for card in cards for rule in card.overrides}
    names |= {cause.name for rules in LIBRARY.dangers.values() for cause in rules.causes}
    return {str(name) for name in names} | {"bands.most_red"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "·".join(part.strip()[:18] for part in row.split("|")[1:3]))
def test_an_indicator_is_something_here_or_says_why_not(row):
    source, indicator, here = (part.strip() for part in row.strip("|").split("|"))
    named = re.findall(r"`([^`]+)`", here)
    assert source
    assert indicator
    assert named or "not here: " in here
    for name in named:
        assert name in known() or (ROOT / name).is_file(), name


def test_no_signal_is_without_an_indicator():
    """A signal that no source asks for must say so in docs/domain.md."""
    said = set(re.findall(r"`([^`]+)`", PAGE)) | set(
        re.findall(r"\b[a-z][a-z_]+\b", (ROOT / "docs" / "domain.md").read_text())
    )
    assert sorted(set(LIBRARY.signals) - said) == []
    assert sorted(set(LIBRARY.scorecards) - said) == []
