"""Settings that cannot work are refused before any call."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from csconnect_salesforce.settings import SalesforceSettings

GOOD = {"instance_url": "https://acme.my.salesforce.com/", "client_id": "key", "client_secret": "hush-hush"}


def test_the_domain_makes_the_address():
    assert SalesforceSettings.model_validate(GOOD).base_url == "https://acme.my.salesforce.com"
    by_domain = SalesforceSettings.model_validate({**GOOD, "instance_url": "", "my_domain": "acme--dev.sandbox"})
    assert by_domain.base_url == "https://acme--dev.sandbox.my.salesforce.com"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"my_domain": "acme"}, "either"),
        ({"instance_url": ""}, "either"),
        ({"instance_url": "https://login.salesforce.com"}, "My Domain"),
        ({"client_secret": None}, "needs client_secret"),
        ({"auth": "jwt"}, "needs username, private_key"),
        ({"auth": "session"}, "needs session_id"),
        ({"api_version": "30.0"}, "62.0 or newer"),
        ({"api_version": "latest"}, "pattern"),
        ({"verify": False}, "Extra"),
        ({"quota_reserve": 1.5}, "less than 1"),
    ],
)
def test_what_cannot_work_is_refused_without_showing_a_secret(change, says):
    with pytest.raises(ValidationError, match=says) as caught:
        SalesforceSettings.model_validate({**GOOD, **change})
    assert "hush-hush" not in str(caught.value)


def test_secrets_are_not_in_the_repr():
    assert "hush-hush" not in repr(SalesforceSettings.model_validate(GOOD))
