"""The exported folder: well-formed, complete, and nobody's text can break out of it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.connectors.protocols import WantedField
from csconnect.mapping.load import load_mappings
from csconnect_salesforce.export import export
from csconnect_salesforce.metadata import definition, spoken

NS = "{http://soap.sforce.com/2006/04/metadata}"
MAPPINGS = Path(__file__).parents[2] / "mappings" / "salesforce"


@pytest.fixture(scope="module")
def wanted() -> list[WantedField]:
    mappings = load_mappings([MAPPINGS], {"void_stage": "Withdrawn"})
    return [
        WantedField(
            mapping.object,
            field.to,
            field.type,
            field.label,
            field.help,
            length=field.length or 255,
            choices=tuple(field.choices.values()),
        )
        for mapping in mappings
        for field in mapping.write.values()
        if field.label and field.to
    ]


def test_every_field_of_the_packaged_mappings_is_exported_with_its_help(wanted):
    files = export(wanted, version="62.0", language="en")
    for field in wanted:
        owner = "Activity" if field.object == "Task" else field.object
        root = ElementTree.fromstring(
            files[f"force-app/main/default/objects/{owner}/fields/{field.name}.field-meta.xml"]
        )
        assert root.findtext(f"{NS}fullName") == field.name
        assert root.findtext(f"{NS}inlineHelpText") == field.help["en"]
        assert len(root.findtext(f"{NS}label")) <= 40
    score = files["force-app/main/default/objects/Account/fields/CSC_Health_Score__c.field-meta.xml"]
    assert "0 is worst, 100 is best" in score


def test_the_folder_is_a_whole_project(wanted):
    files = export(wanted, version="62.0", language="zh")
    for path, text in files.items():
        assert not Path(path).is_absolute()
        assert ".." not in Path(path).parts
        if path.endswith(".xml"):
            assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
            ElementTree.fromstring(text.encode())
    permissions = ElementTree.fromstring(
        files["force-app/main/default/permissionsets/CSConnect_Integration.permissionset-meta.xml"]
    )
    granted = {node.findtext(f"{NS}field") for node in permissions.iter(f"{NS}fieldPermissions")}
    assert granted == {f"{field.object}.{field.name}" for field in wanted}
    members = {node.text for node in ElementTree.fromstring(files["manifest/package.xml"]).iter(f"{NS}members")}
    assert {
        "Activity.CSC_Key__c",
        "Account.CSC_ARR__c",
        "CSConnect_Integration",
        "Account.CSConnect_My_Red_Accounts",
    } <= members
    assert json.loads(files["sfdx-project.json"])["sourceApiVersion"] == "62.0"
    assert all(f"`{name}`" in files["UNINSTALL.md"] for name in ("Activity.CSC_Stage__c", "Opportunity.CSC_Key__c"))
    assert "健康分" in files["force-app/main/default/objects/Account/fields/CSC_Health_Score__c.field-meta.xml"]


@pytest.mark.parametrize(
    ("language", "name", "label", "value"),
    [
        ("en", "CSConnect_My_Red_Accounts", "My red accounts", "Red"),
        ("zh", "CSConnect_My_Red_Accounts", "我的红色客户", "Red"),
        ("en", "CSConnect_My_Renewals", "My renewals this quarter", "THIS_QUARTER"),
    ],
)
def test_the_two_lists_of_a_csm_are_there(wanted, language, name, label, value):
    files = export(wanted, version="62.0", language=language)
    view = ElementTree.fromstring(
        files[f"force-app/main/default/objects/Account/listViews/{name}.listView-meta.xml"].encode()
    )
    assert (view.findtext(f"{NS}label"), view.findtext(f"{NS}filters/{NS}value")) == (label, value)
    assert view.findtext(f"{NS}filters/{NS}field") in {field.name for field in wanted}
    assert f"Account.{name}" in files["manifest/package.xml"]
    assert label in files["UNINSTALL.md"]


def test_a_list_by_a_field_that_is_not_exported_is_left_out(wanted):
    files = export([field for field in wanted if field.name != "CSC_Health_Band__c"], version="62.0", language="en")
    assert "CSConnect_My_Red_Accounts" not in "".join([*files, *files.values()])
    assert "CSConnect_My_Renewals" in files["manifest/package.xml"]


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
        min_size=1,
        max_size=40,
    )
)
def test_texts_are_escaped(text):
    field = WantedField("Account", "CSC_X__c", "text", {"en": text}, {"en": f"<help>{text}</help>"})
    files = export([field], version="62.0", language="en")
    root = ElementTree.fromstring(files["force-app/main/default/objects/Account/fields/CSC_X__c.field-meta.xml"])
    assert root.findtext(f"{NS}label") == text
    assert root.findtext(f"{NS}inlineHelpText") == f"<help>{text}</help>"


@pytest.mark.parametrize(
    ("type", "shape"),
    [
        ("text", {"type": "Text", "length": 80}),
        ("long_text", {"type": "LongTextArea"}),
        ("integer", {"type": "Number", "scale": 0}),
        ("money", {"type": "Currency", "scale": 2}),
        ("date", {"type": "Date"}),
        ("key", {"type": "Text", "externalId": True, "unique": True}),
    ],
)
def test_each_type_has_its_metadata(type, shape):
    made = definition(WantedField("Account", "CSC_X__c", type, {"en": "X"}, {}, length=80), "en")
    assert shape.items() <= made.items()


def test_a_language_that_is_not_there_falls_back():
    assert spoken({"en": "a", "zh": "b"}, "zh") == "b"
    assert spoken({"en": "a", "zh": "b"}, "fr") == "a"
    assert spoken({"zh": "b"}, "fr") == "b"
    assert spoken({}, "en") == ""
