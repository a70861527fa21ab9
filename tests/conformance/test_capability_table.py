"""The table for a README says what the connector says, half by half."""

from __future__ import annotations

from dataclasses import replace

from csconnect.testing.capability_table import capability_table
from csconnect.testing.memory import MemorySystem
from csconnect.testing.memory_bench import MEMORY_CAPABILITIES


def cells(connector):
    lines = capability_table(connector).splitlines()
    assert lines[:2] == ["| | |", "|---|---|"]
    return dict(line.strip("| ").split(" | ") for line in lines[2:])


def test_both_halves_are_told():
    found = cells(MemorySystem(capabilities=MEMORY_CAPABILITIES))
    assert (found["Reads"], found["Writes back"], found["Creates"]) == ("yes", "yes", "opportunity, task")
    assert found["Changes in one call"] == "up to 5, 2 at a time"


def test_what_it_cannot_do_is_said():
    able = replace(MEMORY_CAPABILITIES, tombstones=False, incremental=False, creates=frozenset(), closes=False)
    found = cells(MemorySystem(capabilities=able))
    assert found["Deleted and merged records"] == "seen in full pulls only"
    assert found["After the first pull"] == "everything, each time"
    assert found["Creates"].startswith("nothing")
    assert found["Withdraws what it created"] == "no"


def test_a_source_alone_has_no_writing_half():
    class OnlyReads:
        capabilities = replace(MEMORY_CAPABILITIES, writes=False)
        check = org = describe = pull = calls = close = None

    assert "Creates" not in cells(OnlyReads())
    assert cells(OnlyReads())["Writes back"] == "no"
