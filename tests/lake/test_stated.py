"""What csconnect itself states stays: through runs, folds and kills, every version as it was written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect.errors import DataError
from csconnect.lake.schema import FIGURE, FORECAST, STATED, STATEMENT, fact_schema

OCTOBER = date(2026, 10, 1)


def rows_of(entity, *rows):
    schema = fact_schema(entity)
    return pa.Table.from_pylist(list(rows), schema=schema.remove(len(schema) - 1))


def statement(month=OCTOBER, version=1, digest="d"):
    return rows_of(STATEMENT, {"month": month, "version": version, "digest": digest})


def figures(month=OCTOBER, version=1, part="1.00"):
    row = {"month": month, "version": version, "name": "due_arr", "part": Decimal(part)}
    return rows_of(FIGURE, row, row | {"name": "ndr", "base": Decimal(2)})


def state(feed, *parts):
    """One run that states ``parts``: pairs of an entity and its rows."""
    run = feed.begin()
    for entity, rows in parts:
        run.state(entity, rows)
    return run


def everything(lake):
    return {entity: lake.stated(entity).to_pylist() for entity in STATED}


def test_an_old_lake_has_stated_nothing(feed):
    assert not any(everything(feed.lake).values())
    feed.run(("rows", "sf", "account", [{"id": "sf:1", "name": "Ann"}]))
    assert not any(everything(feed.lake).values())


def test_what_is_stated_is_read_back_and_is_no_pull(feed):
    """Nothing of it counts as delivered: no plan grows stale by it, and nothing seems to have shrunk."""
    feed.run(("rows", "sf", "account", [{"id": "sf:1", "name": "Ann"}]), ("reject", "sf", "account", ["7"]))
    lake = feed.lake
    outside = lake.pulls(), lake.counts(), lake.quarantine().num_rows, lake.known_since()
    with state(feed, (STATEMENT, statement()), (FIGURE, figures())) as run:
        moment = run.publish().known_at
    assert (lake.pulls(), lake.counts(), lake.quarantine().num_rows, lake.known_since()) == outside
    (found,) = lake.stated(STATEMENT).to_pylist()
    assert (found["month"], found["version"], found["_known_at"]) == (OCTOBER, 1, moment)
    assert lake.stated(FIGURE, [OCTOBER]).num_rows == 2
    assert lake.stated(FIGURE, [date(2026, 9, 1)]).num_rows == 0
    assert lake.stated(FIGURE, []).num_rows == 0


def test_what_is_delivered_cannot_be_stated(feed):
    with feed.begin() as run, pytest.raises(DataError, match="delivered, not stated"):
        run.state("account", statement())


@pytest.mark.parametrize("keep_history", [True, False])
def test_every_version_survives_every_fold(feed, keep_history):
    for version in (1, 2, 3):
        with state(feed, (STATEMENT, statement(version=version)), (FIGURE, figures(version=version))) as run:
            run.publish()
    with state(feed, (FORECAST, rows_of(FORECAST, {"day": OCTOBER, "opportunity_id": "sf:o"}))) as run:
        run.publish()
    before = everything(feed.lake)
    for _ in range(2):
        feed.lake.fold(keep_history=keep_history)
        feed.lake.sweep()
        assert everything(feed.lake) == before
    assert [row["version"] for row in before[STATEMENT]] == [1, 2, 3]
    assert len(feed.lake.manifests()) == 1


STEP = st.sampled_from(["state", "fold", "fold and keep", "pull"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=8))
def test_the_lake_remembers_whatever_was_stated_in_whatever_order(feed_of, tmp_path_factory, steps):
    feed = feed_of(tmp_path_factory.mktemp("stated"))
    versions = 0
    for step in steps:
        if step == "state":
            versions += 1
            with state(feed, (STATEMENT, statement(version=versions, digest=f"d{versions}"))) as run:
                run.publish()
        elif step == "pull":
            feed.run(("rows", "sf", "account", [{"id": "sf:1", "name": f"n{feed.runs}"}]))
        else:
            feed.lake.fold(keep_history=step == "fold and keep")
        told = [(row["version"], row["digest"]) for row in feed.lake.stated(STATEMENT).to_pylist()]
        assert told == [(number, f"d{number}") for number in range(1, versions + 1)]
