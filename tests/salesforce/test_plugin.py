"""The plugin offers what the seam asks for."""

from __future__ import annotations

from csconnect.connectors.protocols import Source, Target
from csconnect_salesforce.plugin import CONNECTOR, csconnect_register_connectors


def test_the_connector_is_a_source_and_a_target(org):
    connection = org.connect()
    assert isinstance(connection, Source)
    assert isinstance(connection, Target)
    assert connection.capabilities.write_batch == 200
    registered = []
    csconnect_register_connectors(registered.append)
    assert registered == [CONNECTOR]
    assert CONNECTOR.settings.model_fields.keys() >= set(CONNECTOR.asks)
