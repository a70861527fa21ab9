"""The portable subset of SQL: what means the same on DuckDB, Spark and the warehouses.

Several differences between engines are silent, so they are refused when a signal is loaded rather than found in a score.
"""

from __future__ import annotations

from sqlglot import exp

_FORBIDDEN: dict[type[exp.Expr], str] = {
    exp.ApproxDistinct: "approx_count_distinct",
    exp.AddMonths: "month arithmetic",
    exp.JSONExtract: "JSON access",
    exp.Rand: "random()",
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "now()",
    exp.LastValue: "last_value",
    exp.Unnest: "unnest",
    exp.PercentileCont: "percentile_cont (Spark gets an approximation)",
    exp.Quantile: "quantile",
    exp.Median: "median",
}
_FORBIDDEN_NAMES = ("hash", "bit_or", "md5_number", "today", "now", "arg_max", "arg_min", "first", "list", "random")


def not_portable(tree: exp.Expr) -> str | None:
    """What in ``tree`` is outside the portable subset, or None."""
    for node in tree.walk():
        for kind, name in _FORBIDDEN.items():
            if isinstance(node, kind):
                return name
        if isinstance(node, exp.Anonymous) and node.name.lower() in _FORBIDDEN_NAMES:
            return f"{node.name}()"
        if isinstance(node, exp.Interval) and str(node.unit).upper().startswith(("MONTH", "YEAR", "QUARTER")):
            return "month arithmetic"
        if isinstance(node, exp.Div) and not _safe_divisor(node.expression):
            return "division without nullif or a constant divisor"
        if isinstance(node, exp.Join) and node.args.get("method") == "ASOF":
            return "ASOF join"
    return None


def _safe_divisor(divisor: exp.Expr) -> bool:
    divisor = divisor.unnest()
    return isinstance(divisor, exp.Nullif | exp.Placeholder) or (
        isinstance(divisor, exp.Literal) and divisor.name not in ("0", "0.0")
    )
