"""`csconnect.yaml`: every mistake is named with its place and its remedy; secrets never stand in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from csconnect.config import load_config
from csconnect.connectors.protocols import Connector
from csconnect.connectors.registry import Registry
from csconnect.errors import ConfigError, CsconnectError, SecretError


class Settings(BaseModel):
    model_config = {"extra": "forbid"}

    url: str = ""
    token: SecretStr | None = None


REGISTRY = Registry(connectors={"toy": Connector("toy", "Toy", Settings, lambda settings, context: None)})
GOOD = """version: 1
connections:
  crm:
    connector: toy
    home: true
    settings:
      url: https://example.com
      token: env:TOY_TOKEN
"""


def load(tmp_path, text):
    path = tmp_path / "csconnect.yaml"
    path.write_text(text, "utf-8")
    return load_config(path, REGISTRY)


def test_a_good_file_and_its_defaults(tmp_path):
    config = load(tmp_path, GOOD)
    assert config.homes == ["crm"]
    assert config.root == tmp_path.resolve()
    assert config.ledger_url == f"sqlite:///{tmp_path.resolve()}/.csconnect/ledger.db"
    write_back = config.connections["crm"].write_back
    assert not write_back.opportunity, "nothing but fields is written before the admin switches it on"
    assert not write_back.task


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("home: true", "hoem: true", "unknown setting 'hoem'", 5),
        ("connector: toy", "connector: [", "not YAML", 6),
        ("connector: toy", "conector: toy", "connector is missing", 3),
        ("home: true", "home: maybe", "home: ", 5),
        ("url: https", "urll: https", "unknown setting 'urll'", 7),
        ("version: 1", "version: 7", "version: ", 1),
        ("version: 1", "guards: {band_change: 130}", "band_change", 1),
        ("version: 1", "root: /somewhere", "root is not a setting", 1),
        ("connector: toy", "connector: tooy", "no connector 'tooy'", 4),
        ("  crm:", "  'c:m':", "'c:m' cannot be", 3),
        ("  crm:", "  a/b:", "'a/b' cannot be", 3),
        ("home: true", "home: [true]", "expected true or false", 5),
        ("https://example.com", "12", "url: expected text", 7),
        ("version: 1", "retention: {currency: usd}", "currency: expected a currency code of three capital letters", 1),
        ("version: 1", "memory: lots", "memory: expected an amount such as 600MB", 1),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path, old, new, says, line):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert says in caught.value.what
    assert caught.value.remedy or says.endswith(("missing", "setting"))
    assert f"csconnect.yaml:{line}:" in caught.value.where


def test_a_typo_is_answered_with_what_was_meant(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace("home:", "hone:"))
    assert "Did you mean 'home'?" in caught.value.remedy


def test_an_unknown_connector_is_answered_with_the_installed_ones(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace("connector: toy", "connector: tooy"))
    assert "toy" in caught.value.remedy


@pytest.mark.parametrize("org", ["148000001", "00012", '"148000001"', "00Dxx0000000001EAA"])
def test_an_org_may_look_like_a_number(tmp_path, org):
    config = load(tmp_path, GOOD.replace("home: true", f"org: {org}\n    write_back: {{owner_fallback: {org}}}"))
    assert config.connections["crm"].org == config.connections["crm"].write_back.owner_fallback == org.strip('"')


def test_a_ledger_that_is_a_file_lies_beside_the_configuration(tmp_path):
    assert load(tmp_path, GOOD.replace("version: 1", "version: 1\nledger: runs.db")).ledger_url.endswith("/runs.db")
    assert (
        str(tmp_path.resolve()) in load(tmp_path, GOOD.replace("version: 1", "version: 1\nledger: runs.db")).ledger_url
    )


def test_no_file(tmp_path):
    with pytest.raises(ConfigError, match="csconnect init"):
        load_config(tmp_path / "csconnect.yaml", REGISTRY)


@given(secret=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=8, max_size=40))
def test_a_literal_secret_is_refused_and_never_repeated(tmp_path_factory, secret):
    with pytest.raises(SecretError) as caught:
        load(tmp_path_factory.mktemp("c"), GOOD.replace("env:TOY_TOKEN", f'"q{secret}"'))
    assert f"q{secret}" not in str(caught.value)  # by itself it may be a word of the message, such as the file's name
    assert "env:NAME" in caught.value.remedy


@given(text=st.text(max_size=200))
def test_no_file_whatsoever_gives_anything_but_a_sentence(tmp_path_factory, text):
    with pytest.raises(CsconnectError) as caught:
        load(tmp_path_factory.mktemp("c"), text)
    assert caught.value.where or caught.value.remedy
