"""Secrets come by reference and leave in no shape."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.connectors.http import Scrubber, resolve_secret, scrub
from csconnect.errors import SecretError


def test_references_are_resolved_from_environment_and_file(tmp_path):
    (tmp_path / "key.pem").write_text("line one\nline two\n")
    assert resolve_secret("env:TOKEN", environ={"TOKEN": " abc "}, root=tmp_path).get_secret_value() == "abc"
    assert resolve_secret("file:key.pem", environ={}, root=tmp_path).get_secret_value() == "line one\nline two"


@pytest.mark.parametrize("reference", ["pat-eu1-very-secret", "env:", "file:", "", "vault:x"])
def test_a_literal_secret_is_refused_without_being_repeated(reference):
    with pytest.raises(SecretError, match="env:NAME or file:PATH") as caught:
        resolve_secret(reference, environ={}, root=Path("."), where="connections.crm.token")
    assert not reference or reference not in str(caught.value).replace("env:NAME or file:PATH", "")


@pytest.mark.parametrize("reference", ["env:NOT_SET", "file:not-there"])
def test_a_reference_to_nothing_names_what_is_missing(reference, tmp_path):
    with pytest.raises(SecretError, match=reference.split(":")[1]):
        resolve_secret(reference, environ={}, root=tmp_path)


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="*\r\n\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"), min_size=6)
)
def test_a_secret_is_masked_in_every_usual_spelling(secret):
    secret = f"{secret}#9Q"
    for shape in (secret, quote_plus(secret), json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()):
        cleaned = scrub(f"before {shape} after", [secret])
        assert shape.rstrip("=") not in cleaned
        assert cleaned.startswith("before ")
        assert cleaned.endswith(" after")


def test_the_log_processor_masks_nested_values_and_does_not_show_its_secrets():
    scrubber = Scrubber(["top-secret"])
    scrubber.add("other-secret")
    event = scrubber(
        None,
        "info",
        {"event": "got top-secret", "answer": {"list": ["other-secret", 3]}, "error": ValueError("top-secret")},
    )
    assert "secret" not in str(event).replace("***", "")
    assert event["answer"]["list"][1] == 3
    assert "top-secret" not in repr(scrubber)
