"""The three ways of reading records: in order of the list endpoint, by what changed, and by known ids or keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from csconnect.errors import DataError
from csconnect_hubspot.associations import chunks
from csconnect_hubspot.portal import Portal, results_of

RawRecord = dict[str, Any]
"""As HubSpot answers it: ``id``, ``properties`` (text or null by name), ``archived`` and stamps."""
LIST_PAGE = 100
SEARCH_PAGE = 200
URL_ROOM = 6000
"""Characters of property names that a list call carries; more go through batch reads (URLs of about 15,000 are refused)."""


def modified_property(object: str) -> str:
    """The stamp that a change of the record moves; contacts name it differently (vendor page "Contacts")."""
    return "lastmodifieddate" if object == "contacts" else "hs_lastmodifieddate"


def list_all(
    portal: Portal, object: str, properties: Sequence[str], after: str = ""
) -> Iterator[tuple[list[RawRecord], str]]:
    """Every record that is not archived: (page, token behind it; empty on the last)."""
    joined = ",".join(properties)
    fits = len(joined) <= URL_ROOM
    params = {"limit": LIST_PAGE, "archived": "false", "properties": joined if fits else "hs_object_id"}
    for results, following in portal.pages(portal.paths.objects(object), params, after):
        yield (results if fits else by_values(portal, object, properties, [r["id"] for r in results])), following


def list_archived(portal: Portal, object: str, since: datetime) -> Iterator[list[RawRecord]]:
    """Records deleted at or after ``since``. The endpoint cannot be asked for a period, so all archived ones are read."""
    params = {"limit": LIST_PAGE, "archived": "true", "properties": "hs_object_id"}
    for results, _ in portal.pages(portal.paths.objects(object), params):
        yield [record for record in results if (gone := moment(record.get("archivedAt"))) is None or gone >= since]


def changed(
    portal: Portal, object: str, properties: Sequence[str], since: datetime, last_id: str = ""
) -> Iterator[list[RawRecord]]:
    """Pages of the records modified at or after ``since``, by ascending id, from behind ``last_id``.

    Each page is a search of its own that starts behind the last id seen. So the limit of 10,000 results a query never
    comes into play, thousands of records with one timestamp are no obstacle, and records that change while we read
    cannot push others over the edge of a page.
    """
    stamp = {"propertyName": modified_property(object), "operator": "GTE", "value": _milliseconds(since)}
    yield from search(portal, object, properties, [stamp], last_id)


def search(
    portal: Portal, object: str, properties: Sequence[str], filters: Sequence[dict[str, Any]], last_id: str = ""
) -> Iterator[list[RawRecord]]:
    """Pages of what the search index knows to match all ``filters``, by ascending id, from behind ``last_id``."""
    path = portal.paths.objects(object, "search")
    while True:
        behind = [{"propertyName": "hs_object_id", "operator": "GT", "value": last_id}] if last_id else []
        body = {
            "filterGroups": [{"filters": [*filters, *behind]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": SEARCH_PAGE,
        }
        answer = portal.post(path, body, family="search").json()
        results = results_of(answer)
        if not results:
            return
        last_id = _checked_order(results, last_id, object)
        yield results
        if not (answer.get("paging") or {}).get("next") and len(results) < SEARCH_PAGE:
            return


def by_values(
    portal: Portal, object: str, properties: Sequence[str], values: Iterable[str], unique: str = ""
) -> list[RawRecord]:
    """The records with these ids, or with these values of the ``unique`` property; the ones that are not there are left out.

    Reads the database, not the search index: what was written a moment ago is seen.
    """
    found: list[RawRecord] = []
    for part in chunks(values):
        body: dict[str, Any] = {"inputs": [{"id": value} for value in part], "properties": list(properties)}
        if unique:
            body["idProperty"] = unique
        answer = portal.post(portal.paths.objects(object, "batch", "read"), body)
        found += results_of(answer.json())
    return found


def moment(text: Any) -> datetime | None:
    """An instant as HubSpot spells it, aware; None when there is none."""
    try:
        parsed = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None


def _milliseconds(instant: datetime) -> str:
    return str(int(instant.timestamp() * 1000))


def _checked_order(results: Sequence[RawRecord], last_id: str, object: str) -> str:
    """The last id; `DataError` unless ids rise as numbers, without which records would be skipped in silence."""
    ids = [int(last_id or 0), *(int(record["id"]) for record in results)]
    if any(one >= following for one, following in pairwise(ids)):
        raise DataError(
            f"a search over {object} did not come back in the order of ids that was asked for",
            where="HubSpot",
            remedy="Pull this connection from scratch, and report this as a fault of the connector",
        )
    return str(ids[-1])
