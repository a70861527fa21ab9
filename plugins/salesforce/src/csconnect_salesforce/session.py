"""One org, spoken to over our own transport: queries, describes, collections."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from simple_salesforce.api import Salesforce

from csconnect.connectors.http import Answer, Quota, Transport
from csconnect.connectors.protocols import Context
from csconnect.errors import DataError, MissingFieldError, WrongOrgError
from csconnect_salesforce.auth import open_auth
from csconnect_salesforce.ids import checked_name, is_id, same_id
from csconnect_salesforce.judge import SalesforceJudge
from csconnect_salesforce.settings import SalesforceSettings
from csconnect_salesforce.soql import select

COLLECTION = 200
"""Records in one call of the collections resources."""
SLACK = timedelta(seconds=5)
"""How coarse a Date header and how slow its answer may be; far less than any overlap."""
ARCHIVED = frozenset({"Task", "Event"})
"""Activities older than a year answer to queryAll only."""


class Session:
    """Calls to one org. Thread safe; the org's identity is checked before the first call that reads or writes records."""

    def __init__(self, settings: SalesforceSettings, context: Context) -> None:
        self.settings, self.context = settings, context
        self.quota = Quota(reserve=settings.quota_reserve, where=context.connection)
        self._auth, self._tokens = open_auth(settings, context)
        self._transport = Transport(
            settings.base_url,
            judge=SalesforceJudge(self.quota),
            context=context,
            verify=settings.verify,
            auth=self._auth,
            quota=self.quota,
            secrets=settings.secrets(),
        )
        self.base = f"/services/data/v{settings.api_version}"
        self._lock = threading.RLock()
        self._org: dict[str, Any] | None = None
        self._ahead = timedelta()
        self._described: dict[str, dict[str, Any]] = {}

    def call(self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None) -> Answer:
        """One call below the REST API's own folder. Reads may be repeated; writes are never repeated blindly."""
        return self._transport.request(method, f"{self.base}/{path}", json=json, params=params)

    def org(self) -> dict[str, Any]:
        """The Organization record. `WrongOrgError` when the connection is pinned to another org."""
        with self._lock:
            if self._org is None:
                soql = select("Organization", ["Id", "Name", "IsSandbox", "OrganizationType"])
                answer = self.call("GET", "query/", params={"q": soql})
                found, self._ahead = answer.json()["records"], ahead(self.context.now(), answer)
                if not found:
                    raise DataError(
                        "the org does not show its own identity", remedy="Give csconnect's user 'API Enabled'"
                    )
                self._org = found[0]
            if self.context.org and not same_id(self.context.org, str(self._org["Id"])):
                raise WrongOrgError(
                    f"this is the org {self._org['Id']} ({self._org['Name']}), but the connection is pinned to {self.context.org}",
                    where=self.context.connection,
                    remedy="Check the address and the credentials, or pin the connection to this org",
                )
            return self._org

    def began(self) -> datetime:
        """Now, but no later than the org's own clock says: a cursor from a fast clock would skip changes."""
        self.org()
        return self.context.now() - self._ahead

    def query(self, soql: str, *, everything: bool = False) -> Iterator[list[dict[str, Any]]]:
        """Pages of records; ``everything`` includes deleted and archived ones."""
        self.org()
        yield from self._pages("queryAll" if everything else "query", soql)

    def tooling(self, soql: str) -> list[dict[str, Any]]:
        """All records of a query about metadata."""
        return [record for page in self._pages("tooling/query", soql) for record in page]

    def describe(self, object: str) -> dict[str, Any]:
        """The object's describe, read once; `MissingFieldError` when there is no such object for our user."""
        with self._lock:
            if object not in self._described:
                answer = self.call("GET", f"sobjects/{checked_name(object)}/describe")
                self._described[object] = answer.json()
            return self._described[object]

    def fields(self, object: str) -> dict[str, dict[str, Any]]:
        """The describe's fields by name."""
        return {field["name"]: field for field in self.describe(object)["fields"]}

    def forget(self, object: str) -> None:
        """Read the describe anew next time."""
        with self._lock:
            self._described.pop(object, None)

    def retrieve(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        """The records of ``ids`` that exist, by POST, so that no list of fields is too long for an address."""
        self.org()
        answer = self.call_reading(
            f"composite/sobjects/{checked_name(object)}", {"ids": list(ids), "fields": list(fields)}
        )
        return [record for record in answer.json() if record]

    def call_reading(self, path: str, json: Any) -> Answer:
        """A POST that only reads: it may be repeated."""
        return self._transport.request("POST", f"{self.base}/{path}", json=json, idempotent=True)

    def user_id(self) -> str:
        """The user that we are, from the token's identity URL, else from the UserInfo endpoint (Help, "Identity URLs")."""
        self.org()
        told = self._tokens.identity.rsplit("/", 1)[-1] if self._tokens else ""
        if is_id(told):
            return told
        answer = self._transport.request("GET", "/services/oauth2/userinfo")
        return str(answer.json()["user_id"])

    def official(self) -> Salesforce:
        """simple-salesforce on the same session, for authors who want to script the org.

        It has no timeouts and no retries; its ``SFType`` and bulk objects do not renew a session safely.
        """
        session = requests.Session()
        session.verify = self.settings.verify
        # With trust_env, requests prefers REQUESTS_CA_BUNDLE to session.verify.
        session.trust_env = session.verify is True
        token = self._auth().get("Authorization", "").removeprefix("Bearer ")
        host = urlsplit(self._transport.base_url).netloc
        version = self.settings.api_version
        return Salesforce(session_id=token, instance_url=f"https://{host}", session=session, version=version)

    @property
    def calls(self) -> int:
        return self._transport.calls

    def close(self) -> None:
        self._transport.close()
        if self._tokens:
            self._tokens.close()

    def _pages(self, resource: str, soql: str) -> Iterator[list[dict[str, Any]]]:
        answer = self.call("GET", f"{resource}/", params={"q": soql}).json()
        while True:
            yield answer["records"]
            if answer.get("done", True):
                return
            # An address of the org's own choosing: the transport checks that it is a path on the same host.
            answer = self._transport.request("GET", str(answer["nextRecordsUrl"])).json()


def ahead(now: datetime, answer: Answer) -> timedelta:
    """How far ``now`` is ahead of the answer's Date header, which tells whole seconds; nothing where it tells nothing."""
    try:
        return max(timedelta(), now - parsedate_to_datetime(str(answer.headers.get("Date", ""))) - SLACK)
    except (ValueError, TypeError):
        return timedelta()


def missing_or_hidden(object: str, names: Sequence[str], state: str, remedy: str) -> MissingFieldError:
    """The error for fields that our user does not see; ``state`` is what is known of them."""
    plural = "fields" if len(names) > 1 else "field"
    return MissingFieldError(f"{object}: the {plural} {', '.join(names)} {state}", remedy=remedy)
