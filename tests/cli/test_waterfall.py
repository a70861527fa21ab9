"""What the drawn waterfall says, on a terminal that can spell and on one that cannot."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest
from rich.console import Console

from csconnect.compute.waterfall import Amount, Step, Waterfall
from csconnect.report.screen import Screen
from csconnect.report.waterfall import NAMES, WIDTH, WORDS, as_data, show_waterfall

ARR = ["-3208200", "-654100", "-533400", "871700", "3850300", "3931700", "12031500"]
"""GT-09 (decks 001:1414-1444)."""


def fall(opening, arr, **rest):
    steps = {step: Amount(Decimal(one), 2 if Decimal(one) else 0) for step, one in zip(Step, arr, strict=True)}
    closing = Decimal(opening) + sum(amount.arr for amount in steps.values())
    return Waterfall(Decimal(opening), closing, steps, **rest)


def drawn(found, language="en", encoding="utf-8", form="table"):
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding)
    screen = Screen(form, out=Console(file=out, width=120, highlight=False))
    show_waterfall(screen, found, then="2026-10", now="2026-11", currency="CNY", language=language)
    out.flush()
    return [line.rstrip() for line in raw.getvalue().decode(encoding).splitlines()]


def test_gt09_as_people_see_it():
    unknown = {Step.TO_NON_HEALTHY: Amount(), Step.RECOVERED: Amount(Decimal(31_500), 1)}
    assert drawn(fall(25_000_000, ARR, unknown=unknown, untold=3)) == [
        "STEP                                                     CNY  ACCOUNTS",
        "healthy ARR 2026-10                            25,000,000.00         –  ████████████████████████",
        "healthy to non-healthy                         -3,208,200.00         2                       ░░░",
        "churn                                            -654,100.00         2                      ░",
        "contraction                                      -533,400.00         2                      ░",
        "won back                                         +871,700.00         2                      █",
        "new                                            +3,850,300.00         2                       ████",
        "expansion                                      +3,931,700.00         2                           ███",
        "non-healthy to healthy                        +12,031,500.00         2                              ████████████",
        "healthy ARR 2026-11                            41,289,500.00         –  ████████████████████████████████████████",
        "change                                        +16,289,500.00         –",
        "of it non-healthy to healthy, health unknown      +31,500.00         1",
        "left out, ARR cannot be told                               –         3",
    ]


def test_without_letters_it_is_drawn_all_the_same():
    assert drawn(fall(4_000_000, ARR), "zh", "ascii") == [
        "STEP                               CNY  ACCOUNTS",
        "healthy ARR 2026-10       4,000,000.00         -   ########",
        "healthy to non-healthy   -3,208,200.00         2    -------",
        "churn                      -654,100.00         2   -",
        "contraction                -533,400.00         2  -",
        "won back                   +871,700.00         2  ++",
        "new                      +3,850,300.00         2    +++++++",
        "expansion                +3,931,700.00         2           ++++++++",
        "non-healthy to healthy  +12,031,500.00         2                   +++++++++++++++++++++++",
        "healthy ARR 2026-11      20,289,500.00         -   #######################################",
        "change                  +16,289,500.00         -",
    ]


def test_in_chinese():
    lines = drawn(fall(100_000_000, ARR), "zh-CN")
    assert [line.split()[0] for line in lines[2:9]] == list(NAMES["zh"].values())
    assert lines[1].startswith("健康ARR 2026-10")
    assert lines[10].split() == ["变动", "+16,289,500.00", "–"]
    assert lines[11] == "条形自 90,433,000 起"
    assert lines[1].endswith("  " + "█" * 15)


def test_both_languages_say_the_same_things():
    assert NAMES["en"].keys() == NAMES["zh"].keys() == set(Step)
    assert WORDS["en"].keys() == WORDS["zh"].keys()


@pytest.mark.parametrize("opening", ["0", "0.01", "5000000", "100000000000", "-7"])
@pytest.mark.parametrize("arr", [ARR, ["0"] * 7, ["-0.01"] + ["0"] * 5 + ["0.01"], list(reversed(ARR))])
def test_every_step_that_moved_has_a_bar_within_the_width(opening, arr):
    """And its rows stand in line: a bar never reaches out of the drawing."""
    lines = drawn(fall(opening, arr), encoding="ascii")
    begins = lines[0].index("ACCOUNTS") + len("ACCOUNTS  ")
    for line, amount in zip(lines[2:9], arr, strict=True):
        bar = line[begins:]
        assert set(bar) <= ({" ", "+"} if Decimal(amount) > 0 else {" ", "-"})
        assert bool(bar.strip()) is bool(Decimal(amount))
        assert len(bar) <= WIDTH


def test_nothing_at_all_is_drawn_as_nothing():
    assert not any(mark in "".join(drawn(fall(0, ["0"] * 7))) for mark in "█░")


def test_json_has_its_own_form():
    found = fall(100, ["-1", "0", "0", "0", "0", "0.50", "0"], unknown={Step.TO_NON_HEALTHY: Amount(Decimal(-1), 1)})
    assert drawn(found, form="json") == []
    told = json.loads(json.dumps(as_data(found)))
    assert {name: told[name] for name in told if name != "steps"} == {
        "opening": "100",
        "closing": "99.50",
        "change": "-0.50",
        "untold": 0,
    }
    assert told["steps"][0] == {
        "step": "to_non_healthy",
        "arr": "-1",
        "accounts": 2,
        "unknown": {"arr": "-1", "accounts": 1},
    }
    assert [step["step"] for step in told["steps"]] == list(Step)
