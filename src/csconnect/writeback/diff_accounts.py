"""What an account should say, and what one that is no customer any more still says of ours, which is taken back."""

from __future__ import annotations

from collections.abc import Iterable

from csconnect.model.values import Change
from csconnect.writeback.diff_fields import farewell, field_update
from csconnect.writeback.values import Desired, Existing, History
from csconnect.writeback.wire import Writer

LEFT = "left"
"""The rule of a change that takes our words back from an account that is no customer any more."""


def account_changes(
    writer: Writer, desired: Iterable[Desired], existing: Iterable[Existing], history: History
) -> list[Change]:
    """One update per account that says something else than it should.

    An account that is not among ``existing`` has gone since and is left alone.
    """
    there = {item.record_id: item for item in existing}
    wanted = {want.record_id: want for want in desired if want.record_id}
    changes = [
        field_update(writer, wanted[record_id], item, history)
        if record_id in wanted
        else farewell(writer, item, history, rule=LEFT, why="no customer of ours any more")
        for record_id, item in there.items()
    ]
    return [change for change in changes if change is not None]
