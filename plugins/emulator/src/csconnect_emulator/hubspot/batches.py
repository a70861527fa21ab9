"""A hundred records at a time. Answers come in another order than the inputs, and some inputs may fail (207)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from csconnect_emulator.hubspot import moments, writes
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.definition import spell
from csconnect_emulator.hubspot.errors import ApiError, Multi, invalid
from csconnect_emulator.hubspot.links import link_new_record
from csconnect_emulator.hubspot.portal import Portal, shuffle
from csconnect_emulator.hubspot.schema import SYSTEM

Input = dict[str, Any]
HISTORY = 50
"""As many records as are answered with the history of properties, here and in lists."""


def read(call: Call) -> Answer:
    """By id or by a unique property; what is not there is named in the errors. Never behind by an index lag."""
    portal, kind, body = call.portal, call.kind, call.object()
    most = HISTORY if body.get("propertiesWithHistory") else None
    wanted = [_id(one) for one in inputs(call, most)]
    names = [str(name) for name in body.get("properties") or []]
    key, archived = body.get("idProperty"), call.flag("archived")
    if key and key != "hs_object_id":
        by_key = portal.by_key(kind, str(key), wanted, archived)
        found = {id: by_key[id.lower()] for id in wanted if id.lower() in by_key}
    else:
        every = portal.store.get_many(SYSTEM, kind.name, wanted, include_deleted=archived)
        found = {id: record for id, record in every.items() if record.deleted == archived}
    multi = Multi(missing=[id for id in dict.fromkeys(wanted) if id not in found])
    results = [portal.to_json(kind, record, names) for record in {r.id: r for r in found.values()}.values()]
    return answer(portal, kind.singular, results, multi)


def create(call: Call) -> Answer:
    def one(given: Input) -> dict[str, Any]:
        record = writes.create(call.portal, call.kind, given.get("properties", {}))
        link_new_record(call.portal, call.kind, record.id, given.get("associations") or [])
        return _written(call, call.portal.to_json(call.kind, record, given.get("properties", {})), given)

    return _each(call, inputs(call), one, 201)


def update(call: Call) -> Answer:
    given = inputs(call)
    _refuse_repeats(given)

    def one(given: Input) -> dict[str, Any]:
        record = call.portal.find(call.kind, _id(given), given.get("idProperty"))
        record = writes.update(call.portal, call.kind, record, given.get("properties"))
        return _written(call, call.portal.to_json(call.kind, record, given.get("properties") or {}), given)

    return _each(call, given, one, 200)


def upsert(call: Call) -> Answer:
    """By a unique property: the record that has the value is updated, else one is made with it (``new``)."""
    given = inputs(call)
    _refuse_repeats(given)

    def one(given: Input) -> dict[str, Any]:
        key, id, portal, kind = str(given.get("idProperty") or ""), _id(given), call.portal, call.kind
        found = portal.by_key(kind, key, [id]).get(id.lower())
        values = {**(given.get("properties") or {}), key: id}
        record = writes.update(portal, kind, found, values) if found else writes.create(portal, kind, values)
        return {**_written(call, portal.to_json(kind, record, values), given), "new": found is None}

    return _each(call, given, one, 200)


def archive(call: Call) -> Answer:
    with call.portal.store.transaction():
        for given in inputs(call):
            writes.archive(call.portal, call.kind, _id(given))
    return Answer(None, 204)


def inputs(call: Call, most: int | None = None) -> list[Input]:
    """The inputs of a batch; 400 when they are too many or no objects."""
    given, most = call.object().get("inputs"), most or call.portal.limits["batch"]
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise invalid("Invalid input JSON: inputs must be a list of objects")
    if len(given) > most:
        raise invalid(f"A batch can have at most {most} inputs, got {len(given)}", code="INVALID_BATCH_SIZE")
    return given


def answer(portal: Portal, singular: str, results: list[dict[str, Any]], multi: Multi, status: int = 200) -> Answer:
    """A batch answer; 207 with ``errors`` and ``numErrors`` when something failed."""
    now = moments.iso(portal.now())
    ids = [str(result.get("id", index)) for index, result in enumerate(results)]
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": shuffle(results, ids),
        "startedAt": now,
        "completedAt": now,
    }
    errors = multi.body(singular.upper())
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Answer(body, 207 if errors else status)


def _each(call: Call, given: list[Input], one: Callable[[Input], dict[str, Any]], status: int) -> Answer:
    """Do the inputs one by one, all in one transaction.

    An input that carries ``objectWriteTraceId`` fails alone; without it, wrong values refuse the whole batch (vendor page
    "Error handling", multi-status errors). Unknown ids always fail alone.
    """
    results, multi = [], Multi()
    with call.portal.store.transaction():
        for entry in given:
            try:
                results.append(one(entry))
            except ApiError as error:
                trace = entry.get("objectWriteTraceId")
                if trace:
                    ids = {"ids": [_id(entry)]} if "id" in entry else {}
                    multi.parts.append(error.to_part({"objectWriteTraceId": [str(trace)], **ids}))
                elif error.status == 404 and "ids" not in error.context:
                    multi.missing.append(_id(entry))
                else:
                    raise
    return answer(call.portal, call.kind.singular, results, multi, status)


def _written(call: Call, body: dict[str, Any], given: Input) -> dict[str, Any]:
    trace = given.get("objectWriteTraceId")
    return {**body, "objectWriteTraceId": trace} if trace else body


def _id(given: Input) -> str:
    id = spell(given.get("id"))
    if id is None:
        raise invalid("Every input needs an id", code="REQUIRED_FIELD")
    return id


def _refuse_repeats(given: list[Input]) -> None:
    seen = Counter(_id(one).lower() for one in given)
    twice = [id for id, times in seen.items() if times > 1]
    if twice:
        message = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
        raise invalid(message, context={"ids": twice})
