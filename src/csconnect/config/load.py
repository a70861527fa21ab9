"""Read and check ``csconnect.yaml``; every problem is named with ``file:line:col``."""

from __future__ import annotations

import difflib
import hashlib
import re
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from csconnect.compute.cardfile import position
from csconnect.config.model import CURRENCY, MEMORY, Config
from csconnect.connectors.registry import Registry
from csconnect.errors import ConfigError, SecretError

REFERENCES = ("env:", "file:")
NAME = re.compile(r"[\w.-]+")
"""What a connection may be called: keys are ``connection:id``, counts ``connection/entity``."""
_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "dict_type": "settings below it, as name: value",
    "model_type": "settings below it, as name: value",
    "list_type": "a list, such as [a, b]",
    "literal_error": "{expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
}
"""Kinds of pydantic's complaints in our words."""
_REMEDY = {"string_type": "Put it in quotes"}
_SHAPES = {CURRENCY: "a currency code of three capital letters, such as USD", MEMORY: "an amount such as 600MB or 2GB"}
"""Pattern -> what a person would call that."""


def load_config(path: Path, registry: Registry) -> Config:
    """The configuration in ``path``, checked against the settings of the connectors it names."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        remedy = "Make one with csconnect init salesforce (or hubspot, files), or name yours: csconnect -c FILE ..."
        raise ConfigError("there is no such file", where=str(path), remedy=remedy) from None
    except OSError as error:
        remedy = "Name the configuration file itself, and see that this user may read it"
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path), remedy=remedy) from None
    except UnicodeDecodeError:
        raise ConfigError("is no UTF-8 text", where=str(path), remedy="Save it as UTF-8") from None
    data = _parse(text, path)
    config = _validate(data, path).model_copy(
        update={"root": path.parent.resolve(), "digest": hashlib.sha256(text.encode()).hexdigest()}
    )
    for name, connection in config.connections.items():
        check_name(name, position(data, ["connections", name], str(path)))
        _check_connector(connection.connector, registry, position(data, ["connections", name, "connector"], str(path)))
        connector = registry.connector(connection.connector)
        _check_settings(connector.settings, connection.settings, data, ["connections", name, "settings"], str(path))
    if not config.connections:
        raise ConfigError("no connections", where=str(path), remedy="Name at least one under 'connections'")
    return config


def check_name(name: str, where: str) -> None:
    """Raise `ConfigError` for a name that a connection cannot have."""
    if not NAME.fullmatch(name):
        remedy = "Take letters, digits, '-', '_' and '.': it is part of every key"
        raise ConfigError(f"{name!r} cannot be a connection's name", where=where, remedy=remedy)


def _check_connector(name: str, registry: Registry, where: str) -> None:
    if name not in registry.connectors:
        close = difflib.get_close_matches(name, registry.connectors, 1)
        remedy = (f"Did you mean {close[0]!r}? " if close else "") + (
            f"Installed: {', '.join(sorted(registry.connectors)) or 'none'}; csconnect plugins says what does not load"
        )
        raise ConfigError(f"no connector {name!r} is installed", where=where, remedy=remedy)


def _parse(text: str, path: Path) -> CommentedMap:
    try:
        data = YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        spot = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        remedy = "Mend the line or the one above it; texts with ':' or '#' in them want quotes"
        raise ConfigError(f"not YAML: {getattr(error, 'problem', '')}", where=spot, remedy=remedy) from None
    if not isinstance(data, CommentedMap):
        remedy = "The smallest one is in docs/files.md; csconnect init writes one"
        raise ConfigError("expected settings, as name: value", where=f"{path}:1:1", remedy=remedy)
    return data


def _validate(data: CommentedMap, path: Path) -> Config:
    for reserved in ("root", "digest"):
        if reserved in data:
            raise ConfigError(f"{reserved} is not a setting", where=position(data, [reserved], str(path)))
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise _explain(error, Config, data, [], str(path)) from None


def _check_settings(
    model: type[BaseModel], settings: dict[str, Any], data: CommentedMap, at: list[str], where: str
) -> None:
    for name in secret_fields(model):
        value = settings.get(name)
        if isinstance(value, str) and value and not value.startswith(REFERENCES):
            raise SecretError(
                f"{name} is written out in the file",
                where=position(data, [*at, name], where),
                remedy=f"Put it in an environment variable or a file and write {name}: env:NAME or {name}: file:PATH",
            )
    try:
        model.model_validate(settings)
    except ValidationError as error:
        raise _explain(error, model, data, at, where) from None


def secret_fields(model: type[BaseModel]) -> list[str]:
    """The settings of ``model`` that hold secrets."""
    return [
        name
        for name, info in model.model_fields.items()
        if SecretStr in (info.annotation, *typing.get_args(info.annotation))
    ]


def _explain(error: ValidationError, model: type[BaseModel], data: Any, at: list[str], where: str) -> ConfigError:
    first = error.errors(include_input=False, include_url=False)[0]
    path = [*at, *first["loc"]]
    name = str(path[-1]) if path else "settings"
    message, remedy = first["msg"].removeprefix("Value error, "), ""
    if first["type"] == "extra_forbidden":
        known = _known(model, list(first["loc"][:-1]))
        close = difflib.get_close_matches(name, known, 1)
        message = f"unknown setting {name!r}"
        remedy = (f"Did you mean {close[0]!r}? " if close else "") + f"Known: {', '.join(known)}"
    elif first["type"] == "missing":
        message = f"{name} is missing"
        remedy = "docs/settings.md says what it takes"
    else:
        expected = _EXPECTED.get(first["type"], "").format(**first.get("ctx", {}))
        expected = expected or _SHAPES.get(first.get("ctx", {}).get("pattern", ""), "")
        message = f"{name}: {f'expected {expected}' if expected else message}"
        remedy = _REMEDY.get(first["type"], "docs/settings.md says what it takes")
    return ConfigError(message, where=position(data, path, where), remedy=remedy)


def _known(model: type[BaseModel], path: list[Any]) -> list[str]:
    for part in path:
        info = model.model_fields.get(str(part))
        if info is None:
            continue  # a key of a dictionary of models
        for candidate in (info.annotation, *typing.get_args(info.annotation)):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                model = candidate
    return [name for name in model.model_fields if name not in ("root", "digest")]
