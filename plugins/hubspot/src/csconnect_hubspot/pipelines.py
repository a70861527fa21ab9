"""Pipelines and their stages, which an object's properties name but do not list (vendor page "Pipelines")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from csconnect.connectors.protocols import ObjectSchema
from csconnect_hubspot.portal import Portal, results_of

PIPELINED = {"deals": ("pipeline", "dealstage")}
"""Objects whose stages a configuration names."""

Stages = Mapping[str, tuple[str, ...]]
"""Property -> ids of the living pipelines, or stages, that it may hold."""


def stages_of(portal: Portal, schema: ObjectSchema) -> Stages:
    """Empty, without a call, for objects whose stages nobody asks for."""
    names = PIPELINED.get(schema.name)
    if names is None or not set(names) <= schema.fields.keys():
        return {}
    alive = [one for one in results_of(portal.get(portal.paths.pipelines(schema.name))) if not one.get("archived")]
    stages = [stage for one in alive for stage in one.get("stages") or () if not stage.get("archived")]
    listed = zip(names, (alive, stages), strict=True)
    return {name: tuple(dict.fromkeys(str(one["id"]) for one in each)) for name, each in listed}


def with_stages(schema: ObjectSchema, stages: Stages) -> ObjectSchema:
    """``schema`` with ``stages`` as the choices of the properties that it has of them."""
    chosen = {name: replace(schema.fields[name], choices=ids) for name, ids in stages.items() if name in schema.fields}
    return replace(schema, fields={**schema.fields, **chosen})
