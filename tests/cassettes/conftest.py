"""Connections whose answers come from cassettes. Nothing here can record, unless ``record.py`` runs the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from csconnect.connectors.protocols import Context
from csconnect_hubspot.connection import HubSpot
from csconnect_hubspot.settings import HubSpotSettings
from csconnect_salesforce.plugin import SalesforceConnection
from csconnect_salesforce.settings import SalesforceSettings

from . import hygiene

HERE = Path(__file__).parent
RECORDER = "csconnect-cassette-recorder"
START = datetime(2026, 11, 2, 12, tzinfo=UTC)
_APP = {"client_id": "placeholder", "client_secret": "placeholder"}
ADDRESSES = {"salesforce": {"instance_url": "https://example.my.salesforce.com"}, "hubspot": {}}
WAYS: Mapping[str, dict[str, str]] = {
    "app": _APP,
    "jwt": {"auth": "jwt", "client_id": "placeholder", "username": "placeholder"},
    "session": {"auth": "session", "session_id": "placeholder"},
    "key": {"token": "placeholder"},
    "oauth": {**_APP, "refresh_token": "placeholder"},
}
"""Ways to sign in: ``app`` (client credentials), ``jwt`` and ``session`` to Salesforce, ``key`` and ``oauth`` to HubSpot."""
Opener = Callable[[dict[str, Any], Context], Any]


class Live(Protocol):
    """The system that is being recorded, and a person's hands in it."""

    def given(self, way: str) -> dict[str, Any]: ...
    def seed(self, object: str, rows: list[dict[str, Any]]) -> None: ...
    def edit(self, object: str, id: str, values: dict[str, Any]) -> None: ...
    def delete(self, object: str, id: str) -> None: ...
    def link(self, origin: str, id: str, to: str, other: str) -> None: ...
    def trust(self, public_pem: str) -> None: ...
    def limit(self, **limits: int) -> None: ...
    def wait(self, seconds: float) -> None: ...
    def close(self) -> None: ...


class Recorder(Protocol):
    """What ``record.py`` registers with pytest."""

    folder: Path
    hosts: set[str]

    def live(self, system: str, start: datetime) -> Live: ...


@dataclass
class Stage:
    """One system in one test. What a person does there happens while recording and is in the answers when replaying."""

    system: str
    open: Opener
    live: Live | None
    at: datetime = START
    slept: list[float] = field(default_factory=list)
    opened: list[Any] = field(default_factory=list)

    def connect(self, way: str, org: str = "", **settings: Any) -> Any:
        """A connection that signs in by one of `WAYS`; ``org`` is the pinned one."""
        given = self.live.given(way) if self.live else {**ADDRESSES[self.system], **WAYS[way]}
        context = Context("crm", org=org, now=lambda: self.at, sleep=self.sleep)
        self.opened.append(self.open({**given, **settings}, context))
        return self.opened[-1]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self._do("wait", seconds)

    def seed(self, object: str, *rows: dict[str, Any]) -> None:
        self._do("seed", object, list(rows))

    def edit(self, object: str, id: str, **values: Any) -> None:
        self._do("edit", object, id, values)

    def delete(self, object: str, id: str) -> None:
        self._do("delete", object, id)

    def link(self, origin: str, id: str, to: str, other: str) -> None:
        self._do("link", origin, id, to, other)

    def trust(self, public_pem: str) -> None:
        self._do("trust", public_pem)

    def limit(self, **limits: int) -> None:
        self._do("limit", **limits)

    def close(self) -> None:
        for each in self.opened:
            each.close()
        self._do("close")

    def _do(self, action: str, *args: Any, **named: Any) -> None:
        if self.live:
            getattr(self.live, action)(*args, **named)


def recorder_of(config: pytest.Config) -> Recorder | None:
    found: Recorder | None = config.pluginmanager.get_plugin(RECORDER)
    return found


def refuse_recording(record: str | None, disabled: bool, recorder: Recorder | None) -> None:
    """Recording and going without cassettes would reach for a live system with whatever credentials are around."""
    if recorder is None and (record not in (None, "none") or disabled):
        raise pytest.UsageError("cassettes are recorded by tests/cassettes/record.py only")


@pytest.fixture(scope="session")
def recorder(request: pytest.FixtureRequest) -> Recorder | None:
    return recorder_of(request.config)


@pytest.fixture(scope="module")
def vcr_config(request: pytest.FixtureRequest, recorder: Recorder | None) -> dict[str, Any]:
    option = request.config.getoption
    refuse_recording(option("--vcr-record") or option("--vcr-record-mode"), option("--disable-vcr"), recorder)
    hosts: set[str] = recorder.hosts if recorder else set()
    return {
        "record_mode": "none",
        "match_on": ["method", "path", "query", "body"],
        "before_record_request": partial(hygiene.clean_request, hosts=hosts),
        "before_record_response": partial(hygiene.clean_answer, hosts=hosts),
        "decode_compressed_response": True,
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest, recorder: Recorder | None) -> str:
    """``test_recorded_hubspot.py`` plays ``recorded/hubspot``; another test file plays the folder of its name."""
    place = request.path.parent.relative_to(HERE).joinpath(*request.path.stem.removeprefix("test_").split("_"))
    return str((recorder.folder if recorder else HERE) / place)


@pytest.fixture
def vcr_cassette_name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).removeprefix("test_")


@pytest.fixture
def salesforce(vcr_cassette: Any, recorder: Recorder | None) -> Iterator[Stage]:
    """A Salesforce org on the test's cassette."""
    yield from _stage(
        "salesforce",
        lambda given, context: SalesforceConnection(SalesforceSettings.model_validate(given), context),
        vcr_cassette,
        recorder,
    )


@pytest.fixture
def hubspot(vcr_cassette: Any, recorder: Recorder | None) -> Iterator[Stage]:
    """A HubSpot portal on the test's cassette."""
    yield from _stage(
        "hubspot", lambda given, context: HubSpot(HubSpotSettings(**given), context), vcr_cassette, recorder
    )


def _stage(system: str, open_it: Opener, cassette: Any, recorder: Recorder | None) -> Iterator[Stage]:
    stage = Stage(system, open_it, recorder.live(system, START) if recorder else None)
    yield stage
    stage.close()
    # An interaction that the connector no longer asks for would stay and look like evidence.
    assert recorder or cassette.all_played, f"{cassette.play_count} of {len(cassette)} interactions were played"
