"""A running emulator per test, a plain client library on it, and a plain HTTP session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce

from csconnect_emulator.testing import RunningEmulator, launch


@pytest.fixture(scope="session")
def tls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates are made once for all tests."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def emulator(tls_folder: Path) -> Iterator[RunningEmulator]:
    """The Salesforce side, an empty org."""
    with launch(tls_folder, systems=("salesforce",)) as running:
        yield running
    running.store.close()


class Rest:
    """A session on the REST API that speaks JSON and keeps the bearer token."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(emulator.ca)
        self.url = emulator.salesforce_url
        self.session.headers["Authorization"] = f"Bearer {emulator.credentials['salesforce']['session_id']}"

    def __call__(self, method: str, path: str, body: Any = None, **kw: Any) -> requests.Response:
        """``path`` after ``/services/data/v62.0/``, or from the root when it starts with a slash."""
        url = self.url + (path if path.startswith("/") else f"/services/data/v62.0/{path}")
        return self.session.request(method, url, json=body, timeout=20, **kw)

    def query(self, soql: str, **kw: Any) -> Any:
        return self("GET", "query", params={"q": soql}, **kw).json()

    def refused(self, method: str, path: str, body: Any = None, **kw: Any) -> tuple[int, str]:
        """Status and error code of a request that must be refused in the vendor's shape."""
        answer = self(method, path, body, **kw)
        (error,) = answer.json()
        assert {"message", "errorCode"} <= set(error)
        return answer.status_code, error["errorCode"]


@pytest.fixture
def rest(emulator: RunningEmulator) -> Iterator[Rest]:
    made = Rest(emulator)
    yield made
    made.session.close()


@pytest.fixture
def sf(emulator: RunningEmulator, rest: Rest) -> Iterator[Salesforce]:
    """A plain simple-salesforce client over TLS, as a script of a user would make it."""
    session = requests.Session()
    session.verify = str(emulator.ca)
    session.trust_env = False
    token = emulator.credentials["salesforce"]["session_id"]
    yield Salesforce(session_id=token, instance_url=emulator.salesforce_url, session=session)
    session.close()


@pytest.fixture
def grant(sf: Salesforce) -> Any:
    """Let the API user see fields, the way an administrator does it: permission set, permissions, assignment."""

    def granting(*fields: str) -> None:
        parent = sf.PermissionSet.create({"Name": "Granted", "Label": "Granted"})["id"]
        for field in fields:
            row = {"ParentId": parent, "SobjectType": field.split(".")[0], "Field": field}
            sf.FieldPermissions.create({**row, "PermissionsRead": True, "PermissionsEdit": True})
        user = sf.query("SELECT Id FROM User WHERE Alias = 'csint'")["records"][0]["Id"]
        sf.PermissionSetAssignment.create({"PermissionSetId": parent, "AssigneeId": user})

    return granting


@pytest.fixture
def make_field(rest: Rest) -> Any:
    """Make a custom field with the Tooling API; what the endpoint answered."""

    def making(name: str, **metadata: Any) -> requests.Response:
        shape = {"type": "Text", "label": "Made", "length": 80, **metadata}
        return rest("POST", "tooling/sobjects/CustomField", {"FullName": name, "Metadata": shape})

    return making


@pytest.fixture
def batch() -> Any:
    """Rows as the collections resources take them."""
    return lambda object, rows, **kw: {"records": [{"attributes": {"type": object}, **row} for row in rows], **kw}
