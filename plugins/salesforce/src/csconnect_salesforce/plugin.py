"""Registers the connector ``salesforce``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from csconnect.connectors.hookspecs import hookimpl
from csconnect.connectors.protocols import (
    Capabilities,
    Connector,
    Context,
    Lookup,
    ObjectSchema,
    ProvisionStep,
    PullRequest,
    WantedField,
)
from csconnect.model.values import Change, Finding, Page, Receipt, Record
from csconnect_salesforce.check import check, is_production
from csconnect_salesforce.export import export
from csconnect_salesforce.provision import Provisioner
from csconnect_salesforce.session import COLLECTION, Session
from csconnect_salesforce.settings import SalesforceSettings
from csconnect_salesforce.source import Reader
from csconnect_salesforce.target import Writer


class SalesforceConnection:
    """`Source` and `Target` of one org."""

    def __init__(self, settings: SalesforceSettings, context: Context) -> None:
        self.capabilities = Capabilities(
            writes=True, write_batch=COLLECTION, write_threads=settings.write_threads, lookup_batch=COLLECTION
        )
        self.session = Session(settings, context)
        self._reader, self._writer = Reader(self.session), Writer(self.session)

    def check(self, wanted: Mapping[str, Iterable[str]] | None = None) -> list[Finding]:
        """Auth, org, quota and, for each object of ``wanted``, whether its fields are visible, hidden or missing."""
        return check(self.session, wanted or {})

    def org(self) -> tuple[str, str, bool]:
        """A pinned id is told as it is pinned, be it 15 or 18 characters long."""
        org = self.session.org()
        return self.session.context.org or str(org["Id"]), str(org["Name"]), is_production(org)

    def describe(self, object: str) -> ObjectSchema:
        return self._reader.describe(object)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        return self._reader.pull(request)

    def existing(self, lookup: Lookup) -> Iterator[Record]:
        return self._writer.existing(lookup)

    def push(self, batch: Sequence[Change]) -> list[Receipt]:
        return self._writer.push(batch)

    def cost(self, changes: Sequence[Change]) -> int:
        return self._writer.cost(changes)

    def provision(self, wanted: Sequence[WantedField], *, apply: bool) -> list[ProvisionStep]:
        return Provisioner(self.session).provision(wanted, apply=apply)

    def export(self, wanted: Sequence[WantedField]) -> dict[str, str]:
        settings = self.session.settings
        return export(wanted, version=settings.api_version, language=settings.language)

    def calls(self) -> int:
        return self.session.calls

    def close(self) -> None:
        self.session.close()


CONNECTOR = Connector(
    name="salesforce",
    title="Salesforce",
    settings=SalesforceSettings,
    open=SalesforceConnection,
    mappings="salesforce",
    asks=("instance_url", "client_id", "client_secret"),
)


@hookimpl
def csconnect_register_connectors(register: Callable[[Connector], None]) -> None:
    """Offer the connector."""
    register(CONNECTOR)
