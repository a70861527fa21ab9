"""How long a term or a line runs, where nobody says it: reckoned from its two dates. And when it ends, where days were credited.

A mapping may read the length off other fields; where these are empty (an order's product without an end of its own, say) the
dates that the row came to bear still say it. A service credit moves the end and nothing else: the length is what was sold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa

from csconnect.mapping.columns import Column
from csconnect.mapping.months import months_until

_NEEDED = {"start", "end", "months"}
_CREDITED = {"end", "credited_days"}


def with_lengths(columns: Mapping[str, Column]) -> dict[str, Column]:
    """``columns`` with ``months`` filled where it is empty and ``start`` lies before ``end``; others as they are."""
    filled = dict(columns)
    if not columns.keys() >= _NEEDED or not columns["months"].values.null_count:
        return filled
    values = columns["months"].values.to_pylist()
    dates = zip(columns["start"].values.to_pylist(), columns["end"].values.to_pylist(), strict=True)
    for row, (start, end) in enumerate(dates):
        if values[row] is None and row not in columns["months"].problems and start and end and start < end:
            values[row] = months_until(start, end)
    filled["months"] = replace(columns["months"], values=pa.array(values, columns["months"].values.type))
    return filled


def with_credits(columns: Mapping[str, Column]) -> dict[str, Column]:
    """``columns`` with ``end`` later by ``credited_days``, where there are any (book §7.2.2); after `with_lengths`."""
    moved = dict(columns)
    if not columns.keys() >= _CREDITED or columns["credited_days"].values.null_count == len(
        columns["credited_days"].values
    ):
        return moved
    ends, problems = columns["end"].values.to_pylist(), dict(columns["end"].problems)
    for row, days in enumerate(columns["credited_days"].values.to_pylist()):
        if days and days > 0 and ends[row]:  # what is below zero is an offender of its own field
            if (date.max - ends[row]).days < days:
                problems[row] = ("date", "lies out of range with its credited days")
            else:
                ends[row] += timedelta(days=days)
    moved["end"] = Column(pa.array(ends, columns["end"].values.type), problems)
    return moved
