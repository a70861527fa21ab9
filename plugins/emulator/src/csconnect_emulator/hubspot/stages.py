"""Pipelines and stages as the portal keeps them, and what a stage says about the records in it."""

from __future__ import annotations

from typing import Any

from csconnect_emulator.hubspot.errors import Refusal
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.schema import ObjectType

KEY = "hubspot.pipelines"


def load(portal: Portal, kind: ObjectType) -> list[dict[str, Any]]:
    """Pipelines of an object, archived ones too; an object without pipelines has none."""
    found: list[dict[str, Any]] = portal.store.get_meta(KEY, {}).get(kind.name, [])
    return found


def save(portal: Portal, kind: ObjectType, pipelines: list[dict[str, Any]]) -> None:
    portal.store.set_meta(KEY, {**portal.store.get_meta(KEY, {}), kind.name: pipelines})


def alive(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in entries if not entry.get("archived")]


def check(portal: Portal, kind: ObjectType, merged: dict[str, Any], written: dict[str, Any]) -> list[Refusal]:
    """Whether the record's stage belongs to its pipeline; a stage without pipeline means the first one."""
    if kind.pipeline is None:
        return []
    pipeline_name, stage_name = kind.pipeline
    if pipeline_name not in written and stage_name not in written:
        return []
    pipelines = alive(load(portal, kind))
    if merged.get(stage_name) and not merged.get(pipeline_name) and pipelines:
        merged[pipeline_name] = written[pipeline_name] = pipelines[0]["id"]
    chosen = next((p for p in pipelines if p["id"] == merged.get(pipeline_name)), None)
    if merged.get(pipeline_name) and chosen is None:
        known = ", ".join(p["id"] for p in pipelines)
        message = f"{merged[pipeline_name]} is not a valid pipeline ID. Valid options are: [{known}]"
        return [Refusal(pipeline_name, "INVALID_OPTION", message)]
    stage = merged.get(stage_name)
    if chosen is None or not stage or stage in {s["id"] for s in alive(chosen["stages"])}:
        return []
    known = ", ".join(s["id"] for s in alive(chosen["stages"]))
    message = f"{stage} is not a valid pipeline stage ID. Valid options are: pipelineId={chosen['id']} : [{known}]"
    return [Refusal(stage_name, "INVALID_OPTION", message)]


def metadata(portal: Portal, kind: ObjectType, values: dict[str, Any]) -> dict[str, str]:
    """The metadata of the stage a record is in: ``isClosed``, ``probability`` ..."""
    if kind.pipeline is None:
        return {}
    pipeline, stage = (values.get(name) for name in kind.pipeline)
    for one in load(portal, kind):
        for step in one["stages"]:
            if step["id"] == stage and pipeline in (None, one["id"]):
                return dict(step.get("metadata") or {})
    return {}
