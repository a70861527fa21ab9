"""Relations between records, which HubSpot keeps apart from them: read in batches, and named by type when we create."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from csconnect.errors import DataError
from csconnect_hubspot.portal import Portal, results_of
from csconnect_hubspot.problem import Problem

BATCH = 100
PRIMARY = "Primary"
UNLABELLED = "HUBSPOT_DEFINED"

Pair = tuple[str, str]
"""Id of a record, id of the one to associate it with."""


def chunks(values: Iterable[str], size: int = BATCH) -> Iterator[list[str]]:
    """``values`` without repeats, ``size`` at a time."""
    unique = iter(dict.fromkeys(values))
    while part := list(islice(unique, size)):
        yield part


def related(portal: Portal, origin: str, to: str, ids: Iterable[str]) -> dict[str, list[str]]:
    """For each of ``ids`` of object ``origin`` the ids of its associated ``to`` records, the primary one first.

    Records without any are absent. Without a primary label the lowest id comes first, so that every reading agrees.
    """
    found: dict[str, list[tuple[bool, int, str]]] = {}
    path = portal.paths.associations(origin, to, "batch", "read")
    for part in chunks(ids):
        inputs: list[dict[str, str]] = [{"id": id} for id in part]
        while inputs:
            # A record without associations is an error inside a 207 answer; that is no error of ours.
            results = results_of(portal.post(path, {"inputs": inputs}).json())
            for result in results:
                found.setdefault(_from(result), []).extend(_ranked(one) for one in result.get("to") or ())
            inputs = [{"id": _from(result), "after": after} for result in results if (after := _after(result))]
    return {id: [other for _, _, other in sorted(many)] for id, many in found.items() if many}


def link_types(portal: Portal, origin: str, to: str) -> list[dict[str, Any]]:
    """The association type to give a new ``origin`` record toward a ``to`` record: HubSpot's own, without a label."""
    listed = results_of(portal.get(portal.paths.associations(origin, to, "labels")))
    own = [one for one in listed if one.get("category") == UNLABELLED]
    chosen = next((one for one in own if not one.get("label")), None)
    if chosen is None:
        raise DataError(
            f"HubSpot names no plain association from {origin} to {to}",
            where=portal.context.connection,
            remedy="Check link: in the write section of the mapping",
        )
    return [{"associationCategory": UNLABELLED, "associationTypeId": chosen["typeId"]}]


def associate(portal: Portal, origin: str, to: str, pairs: Sequence[Pair]) -> dict[Pair, Problem]:
    """Give each pair (origin id, other id) the plain association; one that is there already stays as it is.

    Returns the pairs that HubSpot refused, and why.
    """
    path = portal.paths.associations(origin, to, "batch", "associate", "default")
    refused: dict[Pair, Problem] = {}
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        inputs = [{"from": {"id": one}, "to": {"id": other}} for one, other in part]
        errors = portal.post(path, {"inputs": inputs}).json().get("errors") or ()
        for problem in map(Problem.of, errors):
            refused |= {pair: problem for pair in part if _names(problem, pair)}
    return refused


def _names(problem: Problem, pair: Pair) -> bool:
    """Whether a problem is about this pair; one that names nobody is about all."""
    origins = problem.about("fromObjectId")
    named = origins or problem.about("toObjectId", "ids")
    return pair[0] in origins if origins else not named or bool(named & set(pair))


def _from(result: dict[str, Any]) -> str:
    return str((result.get("from") or {}).get("id"))


def _after(result: dict[str, Any]) -> str:
    return str(((result.get("paging") or {}).get("next") or {}).get("after") or "")


def _ranked(one: dict[str, Any]) -> tuple[bool, int, str]:
    id = str(one.get("toObjectId"))
    labels = {kind.get("label") for kind in one.get("associationTypes") or ()}
    return PRIMARY not in labels, int(id) if id.isdecimal() else 0, id
