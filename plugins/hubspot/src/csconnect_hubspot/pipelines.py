"""Pipelines and their stages, which an object's properties name but do not list (vendor page "Pipelines")."""

from __future__ import annotations

from dataclasses import replace

from csconnect.connectors.protocols import ObjectSchema
from csconnect_hubspot.portal import Portal, results_of

PIPELINED = {"deals": ("pipeline", "dealstage")}
"""Objects whose stages a configuration names."""


def with_stages(portal: Portal, schema: ObjectSchema) -> ObjectSchema:
    """``schema`` with the ids of the living pipelines and stages as choices of the properties that hold them."""
    names = PIPELINED.get(schema.name)
    if names is None or not set(names) <= schema.fields.keys():
        return schema
    alive = [one for one in results_of(portal.get(portal.paths.pipelines(schema.name))) if not one.get("archived")]
    stages = [stage for one in alive for stage in one.get("stages") or () if not stage.get("archived")]
    fields = dict(schema.fields)
    for name, listed in zip(names, (alive, stages), strict=True):
        ids = tuple(dict.fromkeys(str(one["id"]) for one in listed))
        fields[name] = replace(fields[name], choices=ids)
    return replace(schema, fields=fields)
