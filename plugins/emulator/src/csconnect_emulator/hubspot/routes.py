"""Which path leads to which handler, under the date-based versions and under v3 and v4."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from csconnect_emulator.hubspot import (
    account,
    associations,
    batches,
    custom_objects,
    groups,
    labels,
    oauth,
    objects,
    pipelines,
    properties,
    search_sql,
)
from csconnect_emulator.hubspot.calls import Answer, Call, Gate, Handler, Scopes
from csconnect_emulator.hubspot.errors import not_found
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.rates import DEFAULTS, RateBook
from csconnect_emulator.hubspot.schema import SYSTEM, ObjectType
from csconnect_emulator.hubspot.writes import derived, merge
from csconnect_emulator.state import State
from csconnect_emulator.store import RecordStore

VERSIONS = ("2026-03", "2026-09")
ONE = "/{type}/{id}"
Row = tuple[str, str, Handler, Scopes | None]


def routes(store: RecordStore, state: State) -> list[Route]:
    """Every path of the dialect; also puts its limits, its derivations and its merge into ``state``."""
    limits = state.limits.setdefault(SYSTEM, {})
    limits.update({name: value for name, value in DEFAULTS.items() if name not in limits})
    portal = Portal(store, limits)
    for kind in portal.kinds():
        search_sql.index(store, kind.name)
    state.derive[SYSTEM] = lambda name, old, new: derived(portal, portal.kind(name), old, new)
    state.merge[SYSTEM] = lambda name, loser, winner: _merge(portal, name, loser, winner)
    gate = Gate(portal, RateBook(limits, store.clock.micros))
    rows = [row for prefix, table in _tables() for row in _under(prefix, table)]
    known = [_route(gate, row) for row in rows]
    return [*known, Route("/{rest:path}", gate.endpoint(_nowhere, None), methods=_METHODS)]


_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def _nowhere(_call: Call) -> Answer:
    raise not_found("Unable to find the requested endpoint")


def _merge(portal: Portal, name: str, loser: str, winner: str) -> None:
    kind = portal.kind(name)
    merge(portal, kind, portal.find(kind, winner, None), portal.find(kind, loser, None))


def _route(gate: Gate, row: Row) -> Route:
    method, path, handler, scopes = row
    endpoint: Callable[[Request], Response] = gate.endpoint(handler, scopes, search=handler is objects.search)
    return Route(path, endpoint, methods=[method])


def _under(prefix: str, table: list[Row]) -> Iterator[Row]:
    for method, path, handler, scopes in table:
        yield method, prefix + path, handler, scopes


def _tables() -> Iterator[tuple[str, list[Row]]]:
    for version in VERSIONS:
        yield f"/crm/objects/{version}", [*_LINKED, *_OBJECTS]
        yield f"/crm/associations/{version}", _ASSOCIATIONS
        yield f"/crm/properties/{version}", _PROPERTIES
        yield f"/crm/pipelines/{version}", _PIPELINES
        yield f"/crm/owners/{version}", _OWNERS
        yield f"/crm/limits/{version}", _LIMITS
        yield f"/crm-object-schemas/{version}/schemas", _SCHEMAS
        yield f"/account-info/{version}", _ACCOUNT
        yield f"/oauth/{version}", _OAUTH
    for version in ("v3", "v4"):
        yield f"/crm/{version}/objects", [*_LINKED, *_OBJECTS]
    yield "/crm/v4/associations", _ASSOCIATIONS
    yield "/crm/v3/properties", _PROPERTIES
    yield "/crm/v3/pipelines", _PIPELINES
    yield "/crm/v3/owners", _OWNERS
    yield "/crm/v3/limits", _LIMITS
    yield "/crm/v3/schemas", _SCHEMAS
    yield "/crm-object-schemas/v3/schemas", _SCHEMAS
    yield "/account-info/v3", _ACCOUNT
    yield "/oauth/v1", _OAUTH
    yield "/oauth/v3", _OAUTH


def _suffixed(scopes: tuple[str, ...], word: str) -> tuple[str, ...]:
    """``crm.objects.deals`` + read; the old scopes (``tickets``, ``e-commerce``) have no such halves."""
    return tuple(f"{scope}.{word}" if scope.startswith("crm.") else scope for scope in scopes)


def _records(word: str) -> Scopes:
    return lambda call: (_suffixed(call.kind.scopes, word),)


def _definitions(word: str) -> Scopes:
    """Properties and pipelines: the schema scope, or the object's own."""

    def needed(call: Call) -> tuple[tuple[str, ...], ...]:
        kind: ObjectType = call.kind
        return ((*_suffixed(kind.schema_scopes, word), *(_suffixed(kind.scopes, word) if word == "read" else ())),)

    return needed


def _both(word: str) -> Scopes:
    """Both ends of an association."""
    return lambda call: tuple(_suffixed(call.portal.kind(call.path[name]).scopes, word) for name in ("type", "to_type"))


def _fixed(*scopes: str) -> Scopes:
    return lambda _call: (scopes,) if scopes else ()


_OBJECTS: list[Row] = [
    ("POST", "/{type}/batch/read", batches.read, _records("read")),
    ("POST", "/{type}/batch/create", batches.create, _records("write")),
    ("POST", "/{type}/batch/update", batches.update, _records("write")),
    ("POST", "/{type}/batch/upsert", batches.upsert, _records("write")),
    ("POST", "/{type}/batch/archive", batches.archive, _records("write")),
    ("POST", "/{type}/search", objects.search, _records("read")),
    ("POST", "/{type}/merge", objects.merge, _records("write")),
    ("GET", "/{type}", objects.listing, _records("read")),
    ("POST", "/{type}", objects.create, _records("write")),
    ("GET", ONE, objects.read, _records("read")),
    ("PATCH", ONE, objects.update, _records("write")),
    ("DELETE", ONE, objects.archive, _records("write")),
]
_LINKED: list[Row] = [
    ("PUT", ONE + "/associations/default/{to_type}/{to_id}", associations.put_default, _both("write")),
    ("GET", ONE + "/associations/{to_type}", associations.listing, _both("read")),
    ("PUT", ONE + "/associations/{to_type}/{to_id}", associations.put, _both("write")),
    ("DELETE", ONE + "/associations/{to_type}/{to_id}", associations.delete, _both("write")),
]
_ASSOCIATIONS: list[Row] = [
    ("POST", "/{type}/{to_type}/batch/read", associations.batch_read, _both("read")),
    ("POST", "/{type}/{to_type}/batch/create", associations.batch_create, _both("write")),
    ("POST", "/{type}/{to_type}/batch/associate/default", associations.batch_default, _both("write")),
    ("POST", "/{type}/{to_type}/batch/archive", associations.batch_archive, _both("write")),
    ("POST", "/{type}/{to_type}/batch/labels/archive", associations.batch_archive_labels, _both("write")),
    ("GET", "/{type}/{to_type}/labels", labels.listing, _both("read")),
    ("POST", "/{type}/{to_type}/labels", labels.create, _both("write")),
    ("PUT", "/{type}/{to_type}/labels", labels.update, _both("write")),
    ("DELETE", "/{type}/{to_type}/labels/{label_id}", labels.remove, _both("write")),
]
_PROPERTIES: list[Row] = [
    ("POST", "/{type}/batch/create", properties.batch_create, _definitions("write")),
    ("POST", "/{type}/batch/read", properties.batch_read, _definitions("read")),
    ("POST", "/{type}/batch/archive", properties.batch_archive, _definitions("write")),
    ("GET", "/{type}/groups", groups.listing, _definitions("read")),
    ("POST", "/{type}/groups", groups.create, _definitions("write")),
    ("GET", "/{type}/groups/{name}", groups.read, _definitions("read")),
    ("PATCH", "/{type}/groups/{name}", groups.update, _definitions("write")),
    ("DELETE", "/{type}/groups/{name}", groups.archive, _definitions("write")),
    ("GET", "/{type}", properties.listing, _definitions("read")),
    ("POST", "/{type}", properties.create, _definitions("write")),
    ("GET", "/{type}/{name}", properties.read, _definitions("read")),
    ("PATCH", "/{type}/{name}", properties.update, _definitions("write")),
    ("DELETE", "/{type}/{name}", properties.archive, _definitions("write")),
]
_PIPELINES: list[Row] = [
    ("GET", "/{type}", pipelines.listing, _definitions("read")),
    ("POST", "/{type}", pipelines.create, _definitions("write")),
    ("GET", "/{type}/{pipeline}", pipelines.read, _definitions("read")),
    ("PATCH", "/{type}/{pipeline}", pipelines.update, _definitions("write")),
    ("PUT", "/{type}/{pipeline}", pipelines.update, _definitions("write")),
    ("DELETE", "/{type}/{pipeline}", pipelines.archive, _definitions("write")),
    ("GET", "/{type}/{pipeline}/stages", pipelines.stage_listing, _definitions("read")),
    ("POST", "/{type}/{pipeline}/stages", pipelines.create_stage, _definitions("write")),
    ("GET", "/{type}/{pipeline}/stages/{stage}", pipelines.read_stage, _definitions("read")),
    ("PATCH", "/{type}/{pipeline}/stages/{stage}", pipelines.update_stage, _definitions("write")),
    ("PUT", "/{type}/{pipeline}/stages/{stage}", pipelines.update_stage, _definitions("write")),
    ("DELETE", "/{type}/{pipeline}/stages/{stage}", pipelines.archive_stage, _definitions("write")),
]
_OWNERS: list[Row] = [
    ("GET", "", account.owners, _fixed("crm.objects.owners.read")),
    ("GET", "/", account.owners, _fixed("crm.objects.owners.read")),
    ("GET", "/{id}", account.owner, _fixed("crm.objects.owners.read")),
]
_LIMITS: list[Row] = [("GET", "/{what:path}", account.limits, _fixed())]
_ACCOUNT: list[Row] = [
    ("GET", "/details", account.details, _fixed()),
    ("GET", "/api-usage/daily/private-apps", account.daily_usage, _fixed()),
]
_SCHEMAS: list[Row] = [
    ("GET", "", custom_objects.listing, _fixed("crm.schemas.custom.read")),
    ("POST", "", custom_objects.create, _fixed("crm.schemas.custom.write")),
    ("GET", "/{type}", custom_objects.read, _fixed("crm.schemas.custom.read")),
]
_OAUTH: list[Row] = [
    ("POST", "/token", oauth.token, None),
    ("POST", "/introspect", oauth.introspect, None),
    ("POST", "/revoke", oauth.revoke, None),
    ("GET", "/access-tokens/{token}", oauth.token_info, None),
    ("GET", "/refresh-tokens/{token}", oauth.token_info, None),
]
