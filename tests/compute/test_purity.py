"""Law 10: `compute/` never reads the clock, the network or the disk."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import csconnect.compute

SOURCES = sorted(Path(csconnect.compute.__file__).parent.rglob("*.py"))
FORBIDDEN_MODULES = {"time", "os", "pathlib", "io", "socket", "requests", "subprocess", "random", "tempfile", "shutil"}
FORBIDDEN_CALLS = {"open", "now", "today", "utcnow", "read_text", "read_bytes", "connect", "read_parquet"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_module_reaches_out(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN_MODULES
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.module.split(".")[0] not in FORBIDDEN_MODULES
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert name not in FORBIDDEN_CALLS, f"{path.name}:{node.lineno} calls {name}()"


PROBE = """
import sys, datetime
import duckdb, pyarrow
from csconnect.library.load import load_library
from csconnect.compute.result import compute
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema

library = load_library()
con = duckdb.connect()
for name, entity in ENTITIES.items():
    con.register("t", arrow_schema(entity).empty_table())
    con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM t')
con.execute("CREATE TABLE delivery (account_id VARCHAR, entity VARCHAR, through DATE)")
con.execute("INSERT INTO account (id, name, is_customer) VALUES ('a:1', 'x', true)")
def run():
    return compute(con, library.card("weekly_health"), library.signals, datetime.date(2026, 11, 22), dangers=library.causes("book"))
run()  # whatever is imported late is imported now
seen = []
armed = True
def watch(event, args):
    if armed and event in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.listdir", "os.scandir"):
        seen.append((event, str(args)[:80]))
sys.addaudithook(watch)
run()
armed = False
assert not seen, seen
"""


def test_a_whole_computation_opens_nothing():
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
