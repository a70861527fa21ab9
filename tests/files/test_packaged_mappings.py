"""Exports whose columns bear the canonical names need no mapping of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from csconnect.connectors.protocols import PullRequest
from csconnect.mapping import Mapping, load_mappings, read_page
from csconnect.mapping.vocabulary import MAPPED
from csconnect.model.fields import FieldSpec, fields_of

MAPPINGS = list(load_mappings([Path(__file__).parents[2] / "mappings/files"]))
SAMPLES = {
    "text": "x",
    "integer": "3",
    "number": "2.5",
    "decimal": "12.5",
    "boolean": "true",
    "date": "2026-01-31",
    "instant": "2026-01-31T08:00:00Z",
}


def sample(spec: FieldSpec) -> str:
    """A value of the field as an export spells it; lists are joined by ``;``, choices in the export's own case."""
    if spec.name in ("currency", "base"):
        return "EUR"
    if spec.name == "end":
        return "2027-01-31"
    return f"{spec.choices[0].upper()}; {spec.choices[-1]}" if spec.many and spec.choices else _single(spec)


def _single(spec: FieldSpec) -> str:
    return spec.choices[0].upper() if spec.choices else "a;b" if spec.many else SAMPLES[spec.kind]


def test_every_entity_can_come_from_files() -> None:
    assert {mapping.entity for mapping in MAPPINGS} == set(MAPPED)
    assert all(mapping.optional for mapping in MAPPINGS)


@pytest.mark.parametrize("only_required", [False, True])
@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda mapping: mapping.entity)
def test_canonical_columns_just_work(folder: Any, mapping: Mapping, only_required: bool) -> None:
    specs = [spec for spec in fields_of(mapping.model).values() if spec.required or not only_required]
    header, row = ",".join(spec.name for spec in specs), ",".join(sample(spec) for spec in specs)
    folder.write("t.csv", f"{header}\n{row}\n")
    source = folder.open(tables={mapping.object: "t.csv"})
    fields = mapping.fields_for(source.describe(mapping.object).fields)
    pages = source.pull(PullRequest(mapping.object, fields))
    mapped = [read_page(mapping, page, "files", set(fields)) for page in pages]
    assert [reject for each in mapped for reject in each.rejects] == []
    (result,) = [row for each in mapped for row in each.batch.to_pylist()]
    given = {spec.name for spec in specs}
    assert all(result[name] not in (None, []) for name in given)
    if not only_required and "id" in given:
        assert result["id"] == ("files:x" if fields_of(mapping.model)["id"].key_of else "x")


def test_side_files_may_name_the_account_tenant(folder: Any) -> None:
    folder.write("goals.csv", "id,tenant_id,metric\n1,T7,hours saved\n")
    source = folder.open(tables={"goals": "goals.csv"})
    (mapping,) = [each for each in MAPPINGS if each.entity == "goal"]
    fields = mapping.fields_for(source.describe("goals").fields)
    batches = [read_page(mapping, page, "use", set(fields)).batch for page in source.pull(PullRequest("goals", fields))]
    assert [key for batch in batches for key in batch.column("account_id").to_pylist()] == ["use:T7"]


def test_a_usage_row_that_counts_no_logins_stands_for_one(folder: Any) -> None:
    """The least that an export of usage can say is who was there on which day."""
    folder.write("u.csv", "account_id,user,day\nA,u,2026-01-31\n")
    folder.write("v.csv", "account_id,user,day,logins\nA,u,2026-01-31,0\nA,v,2026-01-31,\nA,w,2026-01-31,3\n")
    (mapping,) = [each for each in MAPPINGS if each.entity == "usage_day"]
    found = []
    for name in ("u.csv", "v.csv"):
        source = folder.open(tables={"usage": name})
        fields = mapping.fields_for(source.describe("usage").fields)
        for page in source.pull(PullRequest("usage", fields)):
            found += read_page(mapping, page, "use", set(fields)).batch.column("logins").to_pylist()
    assert found == [1, 0, 1, 3]
