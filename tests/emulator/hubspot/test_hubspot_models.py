"""What the emulator answers has the shape that HubSpot gives its own client: JSON Schemas read off hubspot-api-client's models."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

import jsonschema
import pytest
from hubspot.crm import companies, deals, objects, owners, pipelines, properties, tickets
from hubspot.crm.associations import v4

PLAIN = {
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "object": {},
    "datetime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
}
UNLABELLED = {"label"}
"""Null where an association has no label ("Associations v4" in HubSpot's documentation)."""
NEWER = {"url"}
"""Keys of the date-based paths that the client, which knows v3, has not heard of."""


def schema_of(package: Any, name: str) -> dict[str, Any]:
    """The JSON Schema of the model ``name``: its types, what its setters demand, and no key beside them."""
    return {"$ref": f"#/$defs/{name}", "$defs": definitions(package, name, {})}


def definitions(package: Any, name: str, found: dict[str, Any]) -> dict[str, Any]:
    model = getattr(package, name)
    found[name] = {}
    keys = {attribute: model.attribute_map[attribute] for attribute in model.openapi_types}
    setters = {attribute: inspect.getsource(getattr(model, attribute).fset) for attribute in keys}
    shapes = {keys[attribute]: shape(package, kind, found) for attribute, kind in model.openapi_types.items()}
    for attribute, source in setters.items():
        if listed := re.search(r"allowed_values = (\[.*?\])", source):
            allowed = {"enum": ast.literal_eval(listed[1])}
            shapes[keys[attribute]] = {"items": allowed} if "set(" in source else allowed
    for key in UNLABELLED & shapes.keys():
        shapes[key] = {"anyOf": [shapes[key], {"type": "null"}]}
    found[name] = {
        "type": "object",
        "properties": shapes | {key: {} for key in NEWER},
        "required": sorted(keys[each] for each, source in setters.items() if "must not be `None`" in source),
        "additionalProperties": False,
    }
    return found


def shape(package: Any, kind: str, found: dict[str, Any]) -> dict[str, Any]:
    if kind in PLAIN:
        return PLAIN[kind]
    if inner := re.fullmatch(r"list\[(.+)\]", kind):
        return {"type": "array", "items": shape(package, inner[1], found)}
    if inner := re.fullmatch(r"dict[\[(]str, (.+)[\])]", kind):
        # A property without a value is null on the wire.
        return {
            "type": "object",
            "additionalProperties": {"anyOf": [shape(package, inner[1], found), {"type": "null"}]},
        }
    if kind not in found:
        definitions(package, kind, found)
    return {"$ref": f"#/$defs/{kind}"}


def check(answer: Any, package: Any, name: str) -> None:
    jsonschema.validate(answer, schema_of(package, name))


def test_a_schema_refuses_what_the_client_would_not_take() -> None:
    """Or nothing below could fail."""
    record = {
        "id": "1",
        "properties": {},
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "archived": False,
    }
    check(record, companies, "SimplePublicObject")
    for wrong in ({"id": 1}, {"createdAt": "yesterday"}, {"properties": {"a": 1}}, {"invented": 1}):
        with pytest.raises(jsonschema.ValidationError):
            check(record | wrong, companies, "SimplePublicObject")
    with pytest.raises(jsonschema.ValidationError):
        check({"properties": {}}, companies, "SimplePublicObject")


@pytest.mark.parametrize("base", ["/crm/objects/2026-03", "/crm/v3/objects"])
@pytest.mark.parametrize(
    ("kind", "package"), [("companies", companies), ("deals", deals), ("tickets", tickets), ("tasks", objects)]
)
def test_records(portal: Any, base: str, kind: str, package: Any) -> None:
    name = {"companies": "name", "deals": "dealname", "tickets": "subject", "tasks": "hs_task_subject"}[kind]
    more = {"hs_timestamp": "2026-11-22T09:00:00Z"} if kind == "tasks" else {}
    first, second = (portal.make(kind, **{name: text}, **more) for text in "ab")
    portal.settle()
    one = portal.ok("GET", f"{base}/{kind}/{first}?properties={name},hs_object_id")
    check(one, package, "SimplePublicObjectWithAssociations")
    history = portal.ok("GET", f"{base}/{kind}/{first}?propertiesWithHistory={name}")
    check(history, package, "SimplePublicObjectWithAssociations")
    listed = portal.ok("GET", f"{base}/{kind}?limit=1&properties={name}")
    assert listed["paging"]["next"]["after"]
    check(listed, package, "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging")
    found = portal.ok("POST", f"{base}/{kind}/search", {"limit": 1, "properties": [name]})
    assert found["total"] >= 2
    check(
        found,
        package,
        "CollectionResponseWithTotalSimplePublicObject"
        if hasattr(package, "CollectionResponseWithTotalSimplePublicObject")
        else "CollectionResponseWithTotalSimplePublicObjectForwardPaging",
    )
    inputs = [{"id": first}, {"id": second}]
    read = portal.ok(
        "POST", f"{base}/{kind}/batch/read", {"inputs": inputs, "properties": [name], "propertiesWithHistory": []}
    )
    check(read, package, "BatchResponseSimplePublicObject")
    updates = [{**each, "properties": {name: "c"}} for each in inputs]
    check(
        portal.ok("POST", f"{base}/{kind}/batch/update", {"inputs": updates}),
        package,
        "BatchResponseSimplePublicObject",
    )
    made = portal.ok(
        "POST", f"{base}/{kind}/batch/create", {"inputs": [{"properties": {name: "d", **more}, "associations": []}]}
    )
    check(made, package, "BatchResponseSimplePublicObject")


@pytest.mark.parametrize("kind", ["companies", "deals"])
def test_batches_that_fail_in_part(portal: Any, kind: str) -> None:
    package = {"companies": companies, "deals": deals}[kind]
    first = portal.make(kind)
    answer = portal.call(
        "POST",
        f"/crm/objects/2026-03/{kind}/batch/read",
        {"inputs": [{"id": first}, {"id": "999999999"}], "properties": []},
    )
    assert answer.status_code == 207
    check(answer.json(), package, "BatchResponseSimplePublicObjectWithErrors")


def test_what_describes_a_portal(portal: Any) -> None:
    check(portal.ok("GET", "/crm/v3/owners"), owners, "CollectionResponsePublicOwnerForwardPaging")
    listed = portal.ok("GET", "/crm/v3/pipelines/deals")
    check(listed, pipelines, "CollectionResponsePipelineNoPaging")
    check(portal.ok("GET", "/crm/v3/properties/companies"), properties, "CollectionResponsePropertyNoPaging")


def test_associations(portal: Any) -> None:
    company, deal = portal.make("companies"), portal.make("deals")
    base = "/crm/v4/associations/deals/companies"
    pair = {"from": {"id": deal}, "to": {"id": company}}
    made = portal.ok("POST", f"{base}/batch/associate/default", {"inputs": [pair]})
    check(made, v4, "BatchResponsePublicDefaultAssociation")
    read = portal.ok("POST", f"{base}/batch/read", {"inputs": [{"id": deal}]})
    check(read, v4, "BatchResponsePublicAssociationMultiWithLabel")
