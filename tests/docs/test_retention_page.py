"""docs/retention.md tells of every rate, reason and flag there is, and each test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from csconnect.compute.expansion import HOLDS
from csconnect.compute.expansion import REASONS as REASONS_TO_BUY
from csconnect.compute.renewals import FLAGS
from csconnect.compute.sold import OUT, UNTOLD
from csconnect.model.enums import NeedKind
from csconnect.report import expansion
from csconnect.report.renewals import SAYS
from csconnect.report.retention import REASONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "retention.md").read_text("utf-8")
RATES = """renewal_rate_count_opening logo_churn_rate logo_churn_rate_voluntary ndr ndr_if_renewed grr amount_churn_rate
amount_churn_rate_voluntary expanded_share"""


def test_every_test_that_the_page_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) >= 10
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    assert named - written == set()


@pytest.mark.parametrize(
    "name",
    [
        *FLAGS,
        *OUT,
        *UNTOLD,
        *RATES.split(),
        "renewal_rate_amount_due",
        "renewal_rate_count_due",
        *HOLDS,
        *REASONS_TO_BUY,
    ],
)
def test_each_flag_reason_and_rate_is_explained(name):
    assert f"`{name}`" in PAGE


def test_what_a_person_reads_knows_each_flag_and_reason():
    assert set(SAYS) == set(FLAGS)
    assert set(REASONS) == {*OUT, *UNTOLD}
    assert set(expansion.HOLDS) == set(HOLDS)
    assert set(expansion.NEEDS) == {*NeedKind, "other"}


def test_no_rate_is_called_just_that():
    """INC-04: the bare words mean something else to every reader."""
    for folder in ("src/csconnect/report", "src/csconnect/cli"):
        for path in (ROOT / folder).rglob("*.py"):
            bare = re.findall(r"renewal rate(?!, (?:count|amount))", path.read_text("utf-8"), re.IGNORECASE)
            assert bare == [], path.name
