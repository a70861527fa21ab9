"""One HubSpot portal as this connection sees it: calls, budgets, identity, schemas. Shared by source and target."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from csconnect.connectors.http import Answer, Auth, Budget, Quota, Transport
from csconnect.connectors.protocols import Context, ObjectSchema
from csconnect.errors import DataError, MissingFieldError, WrongOrgError
from csconnect_hubspot.auth import authenticator
from csconnect_hubspot.judge import HubSpotJudge
from csconnect_hubspot.paths import Paths
from csconnect_hubspot.problem import Refused
from csconnect_hubspot.properties import owners_schema, schema_of
from csconnect_hubspot.settings import HubSpotSettings
from csconnect_hubspot.zones import zone_of

SHARE = 0.95
"""Part of every rate that we use: the vendor's windows are not cut where ours are."""


@dataclass(frozen=True)
class Identity:
    """Which portal this is. ``kind`` is the vendor's accountType: STANDARD, SANDBOX, DEVELOPER_TEST, APP_DEVELOPER."""

    id: str
    kind: str
    ahead: timedelta = timedelta()
    zone: tzinfo = UTC

    @property
    def name(self) -> str:
        return f"HubSpot portal {self.id}"

    @property
    def production(self) -> bool:
        return self.kind == "STANDARD"


class Portal:
    """Threads may share it. ``schemas`` are asked for once per object and connection, then remembered."""

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        self.settings, self.context = settings, context
        self.paths = Paths(settings.version)
        self.quota = Quota(reserve=settings.quota_reserve, where=context.connection)
        budgets = {
            "default": Budget(settings.calls_per_10_seconds, 10.0, context, share=SHARE),
            "search": Budget(settings.searches_per_second, 1.0, context, share=SHARE),
        }
        judge = HubSpotJudge(budgets, self.quota)
        secrets = (settings.token, settings.client_secret, settings.refresh_token)
        make = partial(
            Transport,
            settings.base_url,
            budgets=budgets,
            context=context,
            verify=str(settings.ca_file) if settings.ca_file else True,
            secrets=[secret.get_secret_value() for secret in secrets if secret is not None],
        )
        self.auth: Auth = authenticator(settings, context, make, judge)
        self._transport = make(judge=judge, auth=self.auth, quota=self.quota)
        self._schemas: dict[str, ObjectSchema] = {}
        self._identity: Identity | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Portal({self._transport.base_url})"

    @property
    def calls(self) -> int:
        return self._transport.calls

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._transport.request("GET", path, params=params).json()

    def post(self, path: str, body: Any, *, family: str = "default", idempotent: bool = True) -> Answer:
        """Most of HubSpot's POSTs read, or write what may be written twice; a plain create says ``idempotent=False``."""
        return self._transport.request("POST", path, json=body, family=family, idempotent=idempotent)

    def patch(self, path: str, body: Any) -> Answer:
        return self._transport.request("PATCH", path, json=body, idempotent=True)

    def pages(
        self, path: str, params: Mapping[str, Any], after: str = ""
    ) -> Iterator[tuple[list[dict[str, Any]], str]]:
        """Pages of a list endpoint: its results and the token behind them (empty on the last)."""
        while True:
            body = self.get(path, {**params, "after": after} if after else params)
            results, following = results_of(body), next_after(body)
            if following and following == after:
                raise DataError(
                    "a list of HubSpot leads back to the same page", where=f"{self.context.connection} {path}"
                )
            yield results, following
            if not following:
                return
            after = following

    def identity(self) -> Identity:
        """Which portal the credentials belong to, where its people live, and how far our clock is ahead of HubSpot's."""
        with self._lock:
            if self._identity is None:
                answer = self._transport.request("GET", self.paths.account())
                body = answer.json()
                ahead = _ahead(self.context.now(), str(answer.headers.get("Date", "")))
                kind = str(body.get("accountType", ""))
                self._identity = Identity(str(body.get("portalId", "")), kind, ahead, zone_of(body))
            return self._identity

    @property
    def known(self) -> bool:
        """Whether `identity` can be told without a call."""
        return self._identity is not None

    def verify(self) -> None:
        """`WrongOrgError` unless this is the portal that the connection is pinned to."""
        wanted = self.context.org
        if wanted and self.identity().id != wanted:
            raise WrongOrgError(
                f"the credentials belong to portal {self.identity().id}, but this connection is pinned to portal {wanted}",
                where=self.context.connection,
                remedy="Use credentials of the pinned portal, or pin this one if the change is meant",
            )

    def schema(self, object: str) -> ObjectSchema:
        """The object's properties as our credentials see them; `MissingFieldError` when there is no such object."""
        if object == "owners":
            return owners_schema()
        with self._lock:
            known = self._schemas.get(object)
        if known is None:
            known = schema_of(object, self._properties(object))
            with self._lock:
                self._schemas[object] = known
        return known

    def forget_schema(self, object: str) -> None:
        with self._lock:
            self._schemas.pop(object, None)

    def started(self) -> datetime:
        """Now, but never later than HubSpot's own clock says: a cursor from a fast clock would skip changes."""
        return self.context.now() - self.identity().ahead

    def close(self) -> None:
        self._transport.close()

    def _properties(self, object: str) -> list[dict[str, Any]]:
        try:
            return results_of(self.get(self.paths.properties(object)))
        except Refused as refusal:
            if refusal.status not in {400, 404}:
                raise
            raise MissingFieldError(
                f"the portal has no object {object}",
                where=self.context.connection,
                remedy="Check object: in the mapping; custom objects are named by their fully qualified name or type id",
            ) from None


def results_of(body: Any) -> list[dict[str, Any]]:
    """The ``results`` of a collection; `DataError` when the answer is something else."""
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        raise DataError("an answer of HubSpot has no results", where="HubSpot", remedy="Check base_url and version")
    return results


def next_after(body: Any) -> str:
    """The token of the next page, or an empty text."""
    following = (body.get("paging") or {}).get("next") or {}
    return str(following.get("after") or "")


def _ahead(now: datetime, theirs: str) -> timedelta:
    """How far ``now`` is ahead of a Date header; nothing when it is not, or is unreadable."""
    try:
        return max(timedelta(), now - parsedate_to_datetime(theirs))
    except (ValueError, TypeError):
        return timedelta()
