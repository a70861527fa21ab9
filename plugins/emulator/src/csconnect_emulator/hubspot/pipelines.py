"""The pipelines endpoints (vendor page "Pipelines"). Every edit touches all records in the pipeline, as the real one does."""

from __future__ import annotations

from typing import Any

from csconnect_emulator.hubspot import moments, stages, writes
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.errors import invalid, not_found
from csconnect_emulator.hubspot.schema import SYSTEM

Entry = dict[str, Any]
_STAGE_KEYS = ("label", "displayOrder", "metadata", "archived")
_BORN = 1_704_067_200_000
"""2024-01-01: when the portal's first pipelines were made."""


def listing(call: Call) -> Answer:
    return Answer({"results": [_pipeline(one) for one in _alive(call)]})


def read(call: Call) -> Answer:
    return Answer(_pipeline(_chosen(call)))


def create(call: Call) -> Answer:
    body = call.object()
    if not body.get("label") or not body.get("stages"):
        raise invalid("A pipeline needs a label and stages", code="REQUIRED_FIELD")
    made = _new(call, body) | {"stages": [_new(call, stage) for stage in body["stages"]]}
    stages.save(call.portal, call.kind, [*stages.load(call.portal, call.kind), made])
    return Answer(_pipeline(made), 201)


def update(call: Call) -> Answer:
    """PATCH or PUT: label, order; a PUT may bring stages, which replace those there are."""
    body, chosen = call.object(), _chosen(call)
    changed = chosen | {name: body[name] for name in ("label", "displayOrder", "archived") if name in body}
    if body.get("stages"):
        changed["stages"] = [_new(call, stage) | {"id": stage.get("id") or _number(call)} for stage in body["stages"]]
    return Answer(_pipeline(_replace(call, changed)))


def archive(call: Call) -> Answer:
    chosen = _chosen(call)
    _refuse_in_use(call, chosen["id"], None)
    _replace(call, chosen | {"archived": True})
    return Answer(None, 204)


def stage_listing(call: Call) -> Answer:
    return Answer({"results": [_stage(one, index) for index, one in enumerate(stages.alive(_chosen(call)["stages"]))]})


def read_stage(call: Call) -> Answer:
    return Answer(_stage(_chosen_stage(call)))


def create_stage(call: Call) -> Answer:
    body, chosen = call.object(), _chosen(call)
    if not body.get("label"):
        raise invalid("A stage needs a label", code="REQUIRED_FIELD")
    made = _new(call, body)
    _replace(call, chosen | {"stages": [*chosen["stages"], made]})
    return Answer(_stage(made), 201)


def update_stage(call: Call) -> Answer:
    body, chosen, old = call.object(), _chosen(call), _chosen_stage(call)
    changed = old | {name: body[name] for name in _STAGE_KEYS if name in body} | {"updated": call.portal.now()}
    _replace(call, chosen | {"stages": [changed if one["id"] == old["id"] else one for one in chosen["stages"]]})
    return Answer(_stage(changed))


def archive_stage(call: Call) -> Answer:
    chosen, old = _chosen(call), _chosen_stage(call)
    _refuse_in_use(call, chosen["id"], old["id"])
    gone = old | {"archived": True}
    _replace(call, chosen | {"stages": [gone if one["id"] == old["id"] else one for one in chosen["stages"]]})
    return Answer(None, 204)


def _replace(call: Call, changed: Entry) -> Entry:
    """Store one pipeline anew and touch its records, whose derived properties may have become others."""
    portal, kind = call.portal, call.kind
    changed = changed | {"updated": portal.now()}
    with portal.store.transaction():
        every = stages.load(portal, kind)
        stages.save(portal, kind, [changed if one["id"] == changed["id"] else one for one in every])
        if kind.pipeline is not None:
            pipeline, step = kind.pipeline
            where = f"{portal.store.column(pipeline)} = ?"
            for record in portal.store.query(SYSTEM, kind.name, where, [changed["id"]]):
                again = {step: record.data[step]} if step in record.data else {}
                values = writes.derived(portal, kind, record.data, again)
                portal.store.update(SYSTEM, kind.name, record.id, values)
    return changed


def _refuse_in_use(call: Call, pipeline: str, step: str | None) -> None:
    if call.kind.pipeline is None:
        return
    names, wanted = (call.kind.pipeline, [pipeline, step]) if step else (call.kind.pipeline[:1], [pipeline])
    where = " AND ".join(f"{call.portal.store.column(name)} = ?" for name in names)
    if call.portal.store.count(SYSTEM, call.kind.name, where, wanted):
        code = "STAGE_ID_IN_USE" if step else "PIPELINE_ID_IN_USE"
        raise invalid(f"{step or pipeline} still has {call.kind.labels[1].lower()}", code=code)


def _alive(call: Call) -> list[Entry]:
    return stages.alive(stages.load(call.portal, call.kind))


def _chosen(call: Call) -> Entry:
    for one in _alive(call):
        if one["id"] == call.path["pipeline"]:
            return one
    raise not_found(f"Pipeline {call.path['pipeline']} does not exist")


def _chosen_stage(call: Call) -> Entry:
    for one in stages.alive(_chosen(call)["stages"]):
        if one["id"] == call.path["stage"]:
            found: Entry = one
            return found
    raise not_found(f"Pipeline stage {call.path['stage']} does not exist")


def _new(call: Call, body: Entry) -> Entry:
    now = call.portal.now()
    values = {name: body[name] for name in _STAGE_KEYS if name in body}
    return {"id": _number(call), **values, "created": now, "updated": now}


def _number(call: Call) -> str:
    return str(call.portal.store.next_number(SYSTEM, "pipelines"))


def _pipeline(one: Entry, index: int = 0) -> Entry:
    shown = [_stage(step, place) for place, step in enumerate(stages.alive(one["stages"]))]
    return {**_common(one, index), "stages": shown}


def _stage(one: Entry, index: int = 0) -> Entry:
    metadata = one.get("metadata") or {}
    return {**_common(one, index), "metadata": metadata, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}


def _common(one: Entry, index: int) -> Entry:
    return {
        "id": one["id"],
        "label": one["label"],
        "displayOrder": one.get("displayOrder", index),
        "createdAt": moments.iso(one.get("created", _BORN)),
        "updatedAt": moments.iso(one.get("updated", _BORN)),
        "archived": bool(one.get("archived")),
    }
