"""Mappings with a ``where``: what no longer meets it has left, and only the connector can tell. Part of the source kit."""

from __future__ import annotations

from csconnect.testing.bench import Bench
from csconnect.testing.picking import needs
from csconnect.testing.replica import Replica
from csconnect.testing.verdict import demand


class ConditionTests:
    """What a pull delivers of a mapping that wants only some records."""

    @needs("incremental", "leave")
    def test_a_record_that_leaves_the_condition_is_reported(self, bench: Bench) -> None:
        scoped = sorted({mapping.entity for mapping in bench.mappings if bench.mapping(mapping.entity).where})
        demand(
            scoped,
            "The bench has a hand 'leave', and no mapping has a 'where'",
            why="this is about records that a condition no longer wants",
            do="no Bench.leave",
        )
        for entity in scoped:
            left, kept = bench.make(entity, "left"), bench.make(entity, "kept")
            replica = Replica(bench, entity)
            with bench.opened() as source:
                replica.pull(source)
                known = {left, kept} <= replica.rows.keys()
                bench.leave(entity, left)
                replica.pull(source)
            demand(
                known and left not in replica.rows and kept in replica.rows,
                f"Of two records of {entity}, one of which left 'where', a reader knows {sorted(replica.rows)}"
                + ("" if known else "; it never knew both"),
                why="a cancelled contract would count for ever: the core asks for changes, and this one is not among them",
                do="among what changed since the cursor, a Tombstone for each record that does not meet request.where",
            )
