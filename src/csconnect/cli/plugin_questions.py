"""What ``init`` asks for the connector of a plugin, and the file it writes: both come from the settings that it declares."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_core import PydanticUndefined

from csconnect.cli.questions import CURRENCY, LANGUAGE, Question, quoted
from csconnect.config.load import secret_fields
from csconnect.connectors.protocols import Connector

_FILE = """\
# csconnect: one file for everything. Secrets stand elsewhere: env:NAME or file:PATH.
version: 1
language: {language}          # what CSMs read where account and connection do not say otherwise
scorecard: weekly_health
connections:
  {name}:
    connector: {system}
    home: true            # its accounts receive the scores
    # org: ""             # pin the org: csconnect check shows its id; any other is then refused
    # customers: {{field: "", values: []}}   # which accounts are customers, where the mapping does not say
    # csm_field: ""       # tasks go to this person; else to the mapping's CSM, else to the owner
    {currency}     # of amounts that name none
    settings:{settings}
    write_back:
      account: true       # score fields; the first run writes only these
      opportunity: false  # renewal opportunities: switch on when you have seen a few plans
      task: false         # tasks for CSMs: likewise
      # owner_fallback: "" # id of the person who gets tasks of accounts without an active owner
      settings: {{}}        # values that the mapping files name as $name, such as stage and void_stage
"""


def plugin_questions(connector: Connector) -> list[Question]:
    """What the connector wants asked (``asks``; never a secret), and then what is asked of every system."""
    return [*(_question(connector, name) for name in _asked(connector)), CURRENCY, LANGUAGE]


def needed_variables(connector: Connector) -> list[str]:
    """The environment variables from which the secrets are read that must be there."""
    return [_variable(connector, name) for name in secret_fields(connector.settings) if _needed(connector, name)]


def render_plugin(connector: Connector, answers: dict[str, str]) -> str:
    """The configuration file for ``answers``."""
    said = {name: quoted(answers[name]) for name in ("name", "language")}
    single = answers["currency"]
    said["currency"] = '# currency: ""' if single == "-" else f"currency: {single}"
    lines = "".join(f"\n      {line}" for line in _settings(connector, answers))
    return _FILE.format(**said, system=quoted(connector.name), settings=lines or " {}")


def _settings(connector: Connector, answers: dict[str, str]) -> Iterator[str]:
    """What was asked, what is secret, and what else must be there."""
    secrets = secret_fields(connector.settings)
    for name, info in connector.settings.model_fields.items():
        if name in secrets:
            yield f"{'' if _needed(connector, name) else '# '}{name}: env:{_variable(connector, name)}"
        elif name in connector.asks:
            yield f"{name}: {quoted(answers[f'settings.{name}'])}"
        elif info.is_required():
            yield f'{name}: ""   # {info.description or "needed"}'


def _asked(connector: Connector) -> list[str]:
    secrets = secret_fields(connector.settings)
    return [name for name in connector.asks if name not in secrets]


def _needed(connector: Connector, secret: str) -> bool:
    return secret in connector.asks or connector.settings.model_fields[secret].is_required()


def _variable(connector: Connector, setting: str) -> str:
    return f"{connector.name}_{setting}".upper().replace("-", "_")


def _question(connector: Connector, name: str) -> Question:
    info = connector.settings.model_fields[name]
    default = "" if info.default in (PydanticUndefined, None) else str(info.default)
    return Question(f"settings.{name}", info.description or f"{connector.title}: {name}", default)
