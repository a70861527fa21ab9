"""The waterfall of healthy ARR, drawn: a row a step, its amount, its accounts, and a bar that begins where the one before it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from csconnect.compute.phrases import spoken_as
from csconnect.compute.waterfall import Amount, Step, Waterfall
from csconnect.report.screen import COLOURS, Screen

WIDTH = 40
"""Characters of the longest bar."""
NAMES: dict[str, dict[Step, str]] = {
    "en": {
        Step.TO_NON_HEALTHY: "healthy to non-healthy",
        Step.CHURN: "churn",
        Step.CONTRACTION: "contraction",
        Step.WON_BACK: "won back",
        Step.NEW: "new",
        Step.EXPANSION: "expansion",
        Step.RECOVERED: "non-healthy to healthy",
    },
    "zh": {
        Step.TO_NON_HEALTHY: "健康转非健康",
        Step.CHURN: "流失",
        Step.CONTRACTION: "减购",
        Step.WON_BACK: "环比新进",
        Step.NEW: "新进",
        Step.EXPANSION: "增购",
        Step.RECOVERED: "非健康转健康",
    },
}
"""Language -> what its people call each step."""
WORDS = {
    "en": {
        "step": "STEP",
        "accounts": "ACCOUNTS",
        "healthy": "healthy ARR {month}",
        "change": "change",
        "unknown": "of it {step}, health unknown",
        "untold": "left out, ARR cannot be told",
        "cut": "bars begin at {low}",
    },
    "zh": {
        "step": "步骤",
        "accounts": "客户数",
        "healthy": "健康ARR {month}",
        "change": "变动",
        "unknown": "其中{step}，健康度未知",
        "untold": "未计入，ARR 无法得知",
        "cut": "条形自 {low} 起",
    },
}


@dataclass(frozen=True)
class Bar:
    """From one level of healthy ARR to another; a ``whole`` one stands on the ground."""

    start: Decimal
    end: Decimal
    whole: bool = False


def as_data(found: Waterfall) -> dict[str, Any]:
    """The waterfall for JSON, amounts as text: opening, steps (step, arr, accounts, and of it the unknown), closing, change, untold."""
    steps = [
        {"step": step.value, **_amount(amount), "unknown": _amount(found.unknown.get(step, Amount()))}
        for step, amount in found.steps.items()
    ]
    totals = {"opening": found.opening, "closing": found.closing, "change": found.change}
    return {name: str(amount) for name, amount in totals.items()} | {"steps": steps, "untold": found.untold}


def _amount(amount: Amount) -> dict[str, Any]:
    return {"arr": str(amount.arr), "accounts": amount.accounts}


def show_waterfall(
    screen: Screen, found: Waterfall, *, then: str, now: str, currency: str, language: str = "en"
) -> None:
    """Draw it for people; nothing in JSON, which has `as_data`. ``then`` and ``now`` are what the two months are called. Where a
    terminal cannot spell the language, it is told in English."""
    language = spoken_as(language) if screen.spells and spoken_as(language) in WORDS else "en"
    names, words = NAMES[language], WORDS[language]
    bars = list(_bars(found))
    low, high = _axis(bars)
    drawn = iter([_draw(bar, low, high, screen.spells) for bar in bars])
    rows: list[list[Any]] = [[words["healthy"].format(month=then), _money(found.opening), None, next(drawn)]]
    for step, amount in found.steps.items():
        rows.append([names[step], _money(amount.arr, sign=True), amount.accounts, next(drawn)])
    rows.append([words["healthy"].format(month=now), _money(found.closing), None, next(drawn)])
    rows.append([words["change"], _money(found.change, sign=True), None, Text()])
    for step, amount in found.unknown.items():
        if amount.accounts:
            said = words["unknown"].format(step=names[step])
            rows.append([said, _money(amount.arr, sign=True), amount.accounts, Text()])
    if found.untold:
        rows.append([words["untold"], None, found.untold, Text()])
    heads = [words["step"], currency, words["accounts"], ""]
    screen.table(*_aligned(heads, rows, screen.spells))
    if low > 0:
        screen.say(words["cut"].format(low=f"{low:,.0f}"), "dim")


def _aligned(heads: list[str], rows: Sequence[Sequence[Any]], spells: bool) -> tuple[list[str], list[list[Text]]]:
    """Amounts and counts flush right under their heads; what is not said is a dash."""
    dash = "–" if spells else "-"
    told = [[row[0], row[1] or dash, dash if row[2] is None else f"{row[2]:,}", row[3]] for row in rows]
    for place in (1, 2):
        wide = max(cell_len(row[place]) for row in (heads, *told))
        for row in (heads, *told):
            row[place] = " " * (wide - cell_len(row[place])) + row[place]
    return heads, [[Text(name), Text(amount), Text(count), bar] for name, amount, count, bar in told]


def _money(amount: Decimal, *, sign: bool = False) -> str:
    return f"{amount:+,.2f}" if sign and amount else f"{amount:,.2f}"


def _bars(found: Waterfall) -> Iterator[Bar]:
    """Opening, each step from where the one before it ended, closing."""
    level = found.opening
    yield Bar(Decimal(0), level, whole=True)
    for amount in found.steps.values():
        yield Bar(level, level + amount.arr)
        level += amount.arr
    yield Bar(Decimal(0), found.closing, whole=True)


def _axis(bars: Sequence[Bar]) -> tuple[Decimal, Decimal]:
    """The lowest and the highest amount that is drawn. Where all happens far above the ground, the ground is cut away: steps of a
    few percent of the whole would be too short to see."""
    levels = [bar.end for bar in bars]
    low, high = min(levels), max(levels)
    cut = low - (high - low) / 4
    return (cut, high) if cut > high / 2 else (min(low, Decimal(0)), max(high, Decimal(0)))


def _draw(bar: Bar, low: Decimal, high: Decimal, spells: bool) -> Text:
    """Spaces, then the bar: at least one character where anything moved, so that no step is overlooked."""
    start = low if bar.whole and low > 0 else bar.start
    if bar.end == start:
        return Text()
    left, right = sorted((_place(start, low, high), _place(bar.end, low, high)))
    if left == right:
        left, right = (left - 1, right) if right == WIDTH else (left, right + 1)
    full, gained, lost = ("█", "█", "░") if spells else ("#", "+", "-")
    fall = not bar.whole and bar.end < bar.start
    style = "" if bar.whole else COLOURS["red"] if fall else COLOURS["green"]
    mark = full if bar.whole else lost if fall else gained
    return Text.assemble(" " * left, (mark * (right - left), style))


def _place(amount: Decimal, low: Decimal, high: Decimal) -> int:
    return round((amount - low) / (high - low) * WIDTH) if high > low else 0
