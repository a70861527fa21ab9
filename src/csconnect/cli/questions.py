"""What ``init`` asks, and the files it writes from the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Question:
    """One thing that an API cannot tell."""

    name: str
    text: str
    default: str

    def complaint(self, answer: str) -> str:
        """What is wrong with ``answer``, or nothing."""
        if not answer.strip():
            return "  An answer is needed here."
        if self.name == "url" and not answer.strip().startswith(("https://", "http://127.0.0.1", "http://localhost")):
            return "  Write the whole address, such as https://acme.my.salesforce.com"
        if self.name == "currency" and not re.fullmatch("[A-Z]{3}|-", answer.strip()):
            return "  Three capital letters, such as USD, or -"
        if self.name == "language" and answer.strip() not in LANGUAGES:
            return f"  One of: {', '.join(LANGUAGES)}"
        return ""


LANGUAGES = ("en", "zh")
LANGUAGE = Question("language", "Language of the CSMs (en, zh)", "en")
CURRENCY = Question("currency", "Currency of amounts that name none, such as USD (- where all do)", "-")
QUESTIONS = {
    "salesforce": [
        Question("url", "My Domain URL of the org", "https://example--sandbox.sandbox.my.salesforce.com"),
        Question("field", "Which Account field says that an account is a customer?", "Type"),
        Question("values", "Which of its values are customers? (comma between)", "Customer"),
        Question(
            "csm_field", "Which Account field names the CSM? (- for CSM__c where there is one, else OwnerId)", "-"
        ),
        Question("stage", "Stage in which a new renewal opportunity starts", "Prospecting"),
        Question("record_type", "Record type id of renewal opportunities (- for none)", "-"),
        Question("void_stage", "Closed stage for opportunities that csconnect withdraws", "Withdrawn"),
        CURRENCY,
        LANGUAGE,
    ],
    "hubspot": [
        Question("field", "Which company property says that a company is a customer?", "lifecyclestage"),
        Question("values", "Which of its values are customers? (comma between)", "customer"),
        Question(
            "csm_field",
            "Which company property names the CSM? (- for csm_owner where there is one, else the owner)",
            "-",
        ),
        Question("pipeline", "Pipeline of renewal deals (its internal id)", "default"),
        Question("stage", "Stage in which a new renewal deal starts (its internal id)", "appointmentscheduled"),
        Question("void_stage", "Closed stage for deals that csconnect withdraws (its internal id)", "withdrawn"),
        CURRENCY,
        LANGUAGE,
    ],
    "files": [Question("folder", "Folder with your exports", "exports")],
}

_HEAD = """\
# csconnect: one file for everything. Secrets stand elsewhere: env:NAME or file:PATH.
version: 1
language: {language}          # what CSMs read where account and connection do not say otherwise
scorecard: weekly_health
connections:
"""

_CRM = """\
  {name}:
    connector: {system}
    home: true            # its accounts receive the scores
    # org: ""             # pin the org: csconnect check shows its id; any other is then refused
    language: {language}
    customers:            # everything else is never scored
      field: {field}
      values: [{values}]
    {csm_field}    # tasks go to this person; else to the mapping's CSM, else to the owner
    {currency}     # of amounts that name none
    settings:
{settings}
    write_back:
      account: true       # score fields; the first run writes only these
      opportunity: false  # renewal opportunities: switch on when you have seen a few plans
      task: false         # tasks for CSMs: likewise
      # owner_fallback: "" # id of the person who gets tasks of accounts without an active owner
      settings:
{words}
"""

_SETTINGS = {
    "salesforce": """\
      instance_url: {url}
      auth: client_credentials
      client_id: env:SF_CLIENT_ID
      client_secret: env:SF_CLIENT_SECRET
      api_version: "62.0\"""",
    "hubspot": """\
      token: env:HUBSPOT_SERVICE_KEY""",
}
_WORDS = {
    "salesforce": """\
        stage: {stage}
        void_stage: {void_stage}
        {record_type}""",
    "hubspot": """\
        pipeline: {pipeline}
        stage: {stage}
        void_stage: {void_stage}""",
}

_FILES = """\
  {name}:
    connector: files
    home: true            # these are the accounts that are scored
    # currency: USD       # of amounts that name none
    write_back: {{account: true}}   # what a plan shows; files are never written to
    settings:
      tables:             # a file, a folder or a pattern each; a line with # before it is not read
{tables}
"""
_TABLES = (
    "accounts", "owners", "contacts", "role_changes", "contracts", "terms", "lines", "adjustments", "payments", "quotas", "consumption",
    "commitments", "projects", "products", "tickets", "touchpoints", "surveys", "goals", "advocacy", "concerns", "needs", "opportunities",
    "tasks", "fx", "modules", "usage", "readings",
)  # fmt: skip
"""Of the packaged mappings, ``mappings/files``."""
_ENDINGS = ("csv", "tsv", "csv.gz", "parquet")


def render(system: str, answers: dict[str, str], root: Path = Path()) -> str:
    """The configuration file for ``answers``, to lie in the folder ``root``."""
    said = {"language": "en", **answers, "system": system}
    if system == "files":
        tables = "\n".join(_tables(said["folder"].rstrip("/") or "/", root))
        return _HEAD.format(**said) + _FILES.format(name=said["name"], tables=tables)
    kind = said.get("record_type", "-")
    values = ", ".join(quoted(value.strip()) for value in said["values"].split(",") if value.strip())
    said = {name: quoted(text) for name, text in said.items()} | {"values": values}
    said["csm_field"] = '# csm_field: ""' if answers["csm_field"] == "-" else f"csm_field: {said['csm_field']}"
    single = answers["currency"]
    said["currency"] = '# currency: ""' if single == "-" else f"currency: {single}"
    said["record_type"] = "# record_type: (none)" if kind == "-" else f"record_type: {quoted(kind)}"
    head = _HEAD.format(**said)
    return head + _CRM.format(settings=_SETTINGS[system].format(**said), words=_WORDS[system].format(**said), **said)


def quoted(text: str) -> str:
    """``text`` as it may stand in YAML: in quotes where YAML would read something else. JSON's quotes are YAML's too."""
    plain = re.fullmatch(r"(https?://)?[^\W\d][\w./-]*(:\d+)?/?", text) and text.lower() not in _WORDS_OF_YAML
    return text if plain else json.dumps(text, ensure_ascii=False)


_WORDS_OF_YAML = ("null", "yes", "no", "on", "off")
"""Beside true and false, which as values of a customer field mean what they say."""


def _tables(folder: str, root: Path) -> Iterator[str]:
    """A line for each table; one that is not delivered is there to be switched on, unless nothing is delivered yet."""
    found = {table: _delivered(folder, table, root) for table in _TABLES}
    for table, place in found.items():
        usual = f"{folder}/usage/*.parquet" if table == "usage" else f"{folder}/{table}.csv"
        yield f"        {'' if place or not any(found.values()) else '# '}{table}: {quoted(place or usual)}"


def _delivered(folder: str, table: str, root: Path) -> str:
    """Where a table lies, if it does: a file of its name, or a folder of parts."""
    for ending in _ENDINGS:
        if (root / folder / f"{table}.{ending}").is_file():
            return f"{folder}/{table}.{ending}"
        if next((root / folder / table).glob(f"*.{ending}"), None):
            return f"{folder}/{table}/*.{ending}"
    return ""
