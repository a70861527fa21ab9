"""Read and check ``csconnect.yaml``; every problem is named with ``file:line:col``."""

from __future__ import annotations

import difflib
import hashlib
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from csconnect.compute.scorecard import position
from csconnect.config.model import Config
from csconnect.connectors.registry import Registry
from csconnect.errors import ConfigError, SecretError

REFERENCES = ("env:", "file:")


def load_config(path: Path, registry: Registry) -> Config:
    """The configuration in ``path``, checked against the settings of the connectors it names."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError("there is no such file", where=str(path), remedy="Make one with: csconnect init") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read ({type(error).__name__})", where=str(path)) from None
    data = _parse(text, path)
    config = _validate(data, path).model_copy(
        update={"root": path.parent.resolve(), "digest": hashlib.sha256(text.encode()).hexdigest()}
    )
    for name, connection in config.connections.items():
        connector = registry.connector(connection.connector)
        _check_settings(connector.settings, connection.settings, data, ["connections", name, "settings"], str(path))
    if not config.connections:
        raise ConfigError("no connections", where=str(path), remedy="Name at least one under connections:")
    return config


def _parse(text: str, path: Path) -> CommentedMap:
    try:
        data = YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        spot = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ConfigError(f"not YAML: {getattr(error, 'problem', '')}", where=spot) from None
    if not isinstance(data, CommentedMap):
        raise ConfigError("expected a mapping of settings", where=f"{path}:1:1")
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
    else:
        message = f"{name}: {message}"
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
