"""How long a term or a line runs, where nobody says it: reckoned from its two dates.

A mapping may read the length off other fields; where these are empty (an order's product without an end of its own, say) the
dates that the row came to bear still say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from csconnect.mapping.columns import Column
from csconnect.mapping.months import months_until

_NEEDED = {"start", "end", "months"}


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
