"""The fast way and the slow way of reading a column agree, whatever is in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csconnect.mapping.load import load_text
from csconnect.mapping.read import Mapped, read_page
from csconnect.model import ENTITIES
from csconnect.model.fields import fields_of
from csconnect.model.values import Page

# One field of each kind: entity, field, and the rest that the entity requires.
FIELDS = {
    "text": ("account", "industry"),
    "choice": ("account", "segment"),
    "integer": ("account", "employees"),
    "number": ("account", "data_quality"),
    "bounded": ("ticket", "first_response_hours"),
    "boolean": ("account", "is_customer"),
    "date": ("contact", "left_on"),
    "instant": ("account", "created_at"),
    "decimal": ("term", "amount"),
    "months": ("term", "months"),
    "currency": ("account", "currency"),
    "key": ("account", "parent_id"),
    "list": ("touchpoint", "attendees"),
    "choices": ("contact", "roles"),
}
STEPS = [
    "[]",
    "[strip]",
    "[lower]",
    "[text]",
    "[strip, lower]",
    "[integer]",
    "[number]",
    "[decimal]",
    "[decimal, text]",
    "[boolean]",
    "[date]",
    "[instant]",
    "[date, text]",
    "[{prefix: x-}]",
    "[{prefix: ''}]".replace("''", "'0'"),
    "[{choose: {a: strategic, '1': micro, 'true': enterprise}}]",
    "[{choose: {a: strategic, '1': micro}, else: enterprise}]",
    "[{choose: {a: true}, else: null}]",
    '[{split: ";"}]',
    "[upper]",
]

numbers = st.from_regex(r"[ ]?-?[0-9]{1,20}(\.[0-9]{0,12})?", fullmatch=True)
days = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?(Z|[+-][01][0-9]:?[0-9]{2})?)?",
    fullmatch=True,
)
words = st.sampled_from(
    [
        "",
        " ",
        "a",
        "A",
        " a ",
        "a;b",
        "a; b",
        ";",
        "true",
        "False",
        "1",
        "0",
        "it",
        "it;buyer",
        "USD",
        "usd",
        "strategic",
        "ß",
        "İ",
        "Σς",
        "\x1f",
        "\u3000x\u3000",
    ]
)
texts = st.one_of(words, numbers, days, st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
columns = st.one_of(
    st.lists(st.none() | texts, max_size=8).map(lambda values: pa.array(values, pa.string())),
    st.lists(st.none() | texts, max_size=8).map(lambda values: pa.array(values, pa.large_string())),
    st.lists(st.none() | words, max_size=8).map(lambda values: pa.array(values, pa.string()).dictionary_encode()),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=8).map(lambda values: pa.array(values, pa.int64())),
    st.lists(st.none() | st.integers(0, 2**64 - 1), max_size=8).map(lambda values: pa.array(values, pa.uint64())),
    st.lists(st.none() | st.floats(), max_size=8).map(lambda values: pa.array(values, pa.float64())),
    st.lists(st.none() | st.booleans(), max_size=8).map(lambda values: pa.array(values, pa.bool_())),
    st.lists(st.none() | st.dates(), max_size=8).map(lambda values: pa.array(values, pa.date32())),
    st.lists(st.none() | st.datetimes(date_min := datetime(1700, 1, 1), datetime(2200, 1, 1)), max_size=8).map(
        lambda values: pa.array(values, pa.timestamp("ns"))
    ),
    st.lists(st.none() | st.datetimes(date_min, datetime(2200, 1, 1)), max_size=8).map(
        lambda values: pa.array(values, pa.timestamp("us", tz="America/Phoenix"))
    ),
    st.lists(st.none() | st.decimals(-(10**9), 10**9, places=5), max_size=8).map(
        lambda values: pa.array(values, pa.decimal128(15, 5))
    ),
    st.lists(st.none() | st.lists(texts, max_size=3), max_size=8).map(
        lambda values: pa.array(values, pa.list_(pa.string()))
    ),
)


def mapping(kind: str, steps: str) -> Any:
    entity, name = FIELDS[kind]
    read = {spec.name: f"{{from: req_{spec.name}}}" for spec in fields_of(ENTITIES[entity]).values() if spec.required}
    read[name] = f"{{from: [first, value], with: {steps}}}"
    text = f"mapping: 1\nentity: {entity}\nobject: o\nread:\n" + "".join(f"  {k}: {v}\n" for k, v in read.items())
    return load_text(text)


def both(kind: str, steps: str, column: pa.Array) -> tuple[Mapped, Mapped]:
    """The same rows read from a batch and from dicts."""
    spec = mapping(kind, steps)
    count = len(column)
    required = {
        "id": [str(index) for index in range(count)],
        "name": ["n"] * count,
        "start": [date(2020, 1, 1)] * count,
        "end": [date(2021, 1, 1)] * count,
        "opened_at": [datetime(2020, 1, 1, tzinfo=UTC)] * count,
        "happened_at": [datetime(2020, 1, 1, tzinfo=UTC)] * count,
    }
    types = {"start": pa.date32(), "end": pa.date32(), "opened_at": pa.timestamp("us", tz="UTC")}
    types["happened_at"] = types["opened_at"]
    data = {f"req_{name}": pa.array(each, types.get(name, pa.string())) for name, each in required.items()}
    batch = pa.record_batch({**data, "value": column})
    plain = (
        column.cast(pa.timestamp("us", tz=column.type.tz), safe=False) if pa.types.is_timestamp(column.type) else column
    )
    rows = [
        {"value": value, **{name: each[index].as_py() for name, each in data.items()}}
        for index, value in enumerate(plain.to_pylist())
    ]
    return read_page(spec, Page(batch), "c"), read_page(spec, Page(rows), "c", {*data, "value"})


@settings(deadline=None)
@given(kind=st.sampled_from(sorted(FIELDS)), steps=st.sampled_from(STEPS), column=columns)
@example(kind="date", steps="[]", column=pa.array(["2026-02-30", "2026-02-28", "0000-01-01", "2026-13-01"]))
@example(
    kind="instant",
    steps="[]",
    column=pa.array(["2026-02-30T00:00:00Z", "2026-02-28T00:00:00+0100", "9999-12-31T23:59:59-10:00"]),
)
@example(kind="decimal", steps="[]", column=pa.array(["0.00005", "0.00015", "12", "1e2", "1234567890123456.7"]))
@example(kind="decimal", steps="[]", column=pa.array([0.1, 0.00005, 1e300, float("nan")]))
@example(kind="number", steps="[]", column=pa.array(["0.1", "123456789.123456", "1e-7"]))
@example(kind="number", steps="[]", column=pa.array([2**53 + 1, 1], pa.int64()))
@example(kind="text", steps="[text]", column=pa.array([1e16, 0.1, -0.0, 5.0]))
def test_a_batch_reads_like_its_rows(kind: str, steps: str, column: pa.Array) -> None:
    fast, slow = both(kind, steps, column)
    assert fast.rejects == slow.rejects
    assert fast.batch.to_pylist() == slow.batch.to_pylist()
    assert fast.batch.schema == slow.batch.schema
    assert fast.batch.num_rows + len({reject.source_id for reject in fast.rejects}) == len(column)


def test_the_day_of_an_instant_is_the_one_in_its_zone() -> None:
    column = pa.array([datetime(2026, 4, 1, 2, tzinfo=UTC)], pa.timestamp("us", tz="America/Phoenix"))
    fast, slow = both("date", "[]", column)
    assert fast.batch.column("left_on").to_pylist() == slow.batch.column("left_on").to_pylist() == [date(2026, 3, 31)]
    zoned = datetime(2026, 3, 31, 19, tzinfo=timezone(timedelta(hours=-7)))
    assert read_page(mapping("date", "[]"), Page([{"req_id": "1", "value": zoned}])).batch.column(
        "left_on"
    ).to_pylist() == [date(2026, 3, 31)]


def test_only_offending_rows_of_a_column_are_set_aside() -> None:
    column = pa.array(["1.5", "many", None, "2.25", "1,5"])
    fast, _ = both("decimal", "[decimal]", column)
    assert fast.batch.column("amount").to_pylist() == [Decimal("1.5"), None, Decimal("2.25")]
    assert [(reject.source_id, reject.value_class, reject.reason) for reject in fast.rejects] == [
        ("1", "text of 4 characters", "not a number"),
        ("4", "text of 3 characters", "not a number"),
    ]


@pytest.mark.parametrize("kind", ["parquet", "text"])
def test_usage_maps_at_millions_of_rows_a_minute(kind: str) -> None:
    """Deterministic stand-in for a clock: no value of a clean batch takes the slow way."""
    count = 50_000
    numbers = [index % 9 for index in range(count)]
    days = [date(2026, 1, 1) + timedelta(days=index % 90) for index in range(count)]
    modules = [["order", "invoice"][: index % 3] for index in range(count)]
    as_text = kind == "text"
    batch = pa.record_batch(
        {
            "tenant_id": [f"T{index % 997}" for index in range(count)],
            "user_hash": [f"u{index % 5003:x}" for index in range(count)],
            "day": pa.array([day.isoformat() for day in days] if as_text else days),
            "modules": pa.array([";".join(each) for each in modules]) if as_text else pa.array(modules),
            "logins": pa.array([str(number) for number in numbers] if as_text else numbers),
        }
    )
    usage = load_text(
        "mapping: 1\nentity: usage_day\nobject: usage\nread:\n  account_id: {from: tenant_id, with: [strip]}\n"
        '  user: user_hash\n  day: {from: day, with: [date]}\n  modules: {from: modules, with: [{split: ";"}]}\n  logins: logins\n'
    )
    import csconnect.mapping.columns as columns_module

    slow_rows = 0
    original = columns_module._slow

    def counting(item: Any, spec: Any, rows: Any, at: Any) -> Any:
        nonlocal slow_rows
        slow_rows += len(rows) if at is None else len(at)
        return original(item, spec, rows, at)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns_module, "_slow", counting)
        mapped = read_page(usage, Page(batch), "use")
    assert slow_rows == 0
    assert mapped.batch.num_rows == count
    assert mapped.batch.column("account_id")[1].as_py() == "use:T1"
