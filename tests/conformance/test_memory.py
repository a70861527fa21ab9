"""The CRM in memory keeps to the kit: it is what the kit's own tests are measured by."""

from __future__ import annotations

import pytest

from csconnect.testing.memory_bench import MEMORY_CAPABILITIES, MemoryBench
from csconnect.testing.source_kit import SourceKit
from csconnect.testing.target_kit import TargetKit


@pytest.fixture
def bench() -> MemoryBench:
    return MemoryBench()


class TestSource(SourceKit):
    capabilities, bench_class = MEMORY_CAPABILITIES, MemoryBench
    entities = ("account", "opportunity", "task")
    examples = 40


class TestTarget(TargetKit):
    capabilities, bench_class = MEMORY_CAPABILITIES, MemoryBench
    entities = ("account", "opportunity", "task")
    examples = 40
