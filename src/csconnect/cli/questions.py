"""What ``init`` asks, and the files it writes from the answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One thing that an API cannot tell."""

    name: str
    text: str
    default: str


QUESTIONS = {
    "salesforce": [
        Question("url", "My Domain URL of the org", "https://example--sandbox.sandbox.my.salesforce.com"),
        Question("field", "Which Account field says that an account is a customer?", "Type"),
        Question("values", "Which of its values are customers? (comma between)", "Customer"),
        Question("csm_field", "Which Account field names the CSM? (OwnerId is usually sales)", "OwnerId"),
        Question("stage", "Stage in which a new renewal opportunity starts", "Prospecting"),
        Question("record_type", "Record type id of renewal opportunities (- for none)", "-"),
        Question("void_stage", "Closed stage for opportunities that csconnect withdraws", "Withdrawn"),
        Question("language", "Language of the CSMs (en, zh)", "en"),
    ],
    "hubspot": [
        Question("field", "Which company property says that a company is a customer?", "lifecyclestage"),
        Question("values", "Which of its values are customers? (comma between)", "customer"),
        Question(
            "csm_field", "Which company property names the CSM? (hubspot_owner_id is usually sales)", "hubspot_owner_id"
        ),
        Question("pipeline", "Pipeline of renewal deals (its internal id)", "default"),
        Question("stage", "Stage in which a new renewal deal starts (its internal id)", "appointmentscheduled"),
        Question("void_stage", "Closed stage for deals that csconnect withdraws (its internal id)", "withdrawn"),
        Question("language", "Language of the CSMs (en, zh)", "en"),
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
    csm_field: {csm_field}    # tasks go to this person
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
    home: true
    settings:
      tables:             # a file, a folder or a pattern each; leave out what you do not have
        accounts: {folder}/accounts.csv
        owners: {folder}/owners.csv
        contacts: {folder}/contacts.csv
        contracts: {folder}/contracts.csv
        terms: {folder}/terms.csv
        lines: {folder}/lines.csv
        tickets: {folder}/tickets.csv
        touchpoints: {folder}/touchpoints.csv
        surveys: {folder}/surveys.csv
        goals: {folder}/goals.csv
        advocacy: {folder}/advocacy.csv
        modules: {folder}/modules.csv
        usage: {folder}/usage/*.parquet
"""


def render(system: str, answers: dict[str, str]) -> str:
    """The configuration file for ``answers``."""
    said = {"language": "en", **answers, "system": system}
    kind = said.get("record_type", "-")
    said["record_type"] = "# record_type: (none)" if kind == "-" else f"record_type: {kind}"
    head = _HEAD.format(**said)
    if system == "files":
        return head + _FILES.format(**said)
    return head + _CRM.format(settings=_SETTINGS[system].format(**said), words=_WORDS[system].format(**said), **said)
