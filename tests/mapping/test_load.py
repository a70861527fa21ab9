"""Loading mapping files: what they say, and how they complain."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from csconnect.errors import MappingError, MissingFieldError
from csconnect.mapping import json_schema, load_mappings, load_text, mapping_set
from csconnect.mapping.dump import dump_mapping
from csconnect.mapping.schema import schema_text
from csconnect.mapping.spec import Choose, FieldRef, Mapping, OwnedField, ReadField, Step
from csconnect.mapping.transforms import TRANSFORMS
from csconnect.mapping.vocabulary import MAPPED, OWNED, TYPES
from csconnect.model import ENTITIES
from csconnect.model.fields import fields_of
from csconnect.model.values.change import FieldKind

PACKAGED = Path(__file__).parents[2] / "mappings"
FILES = sorted(PACKAGED.glob("*/*.yaml"))

OWNER = "mapping: 1\nentity: owner\nobject: User\nread:\n  id: Id\n  name: Name\n"
TASK = "mapping: 1\nentity: task\nobject: Task\nread:\n  id: Id\nwrite:\n  key: {to: K__c}\n"


def test_everything_a_file_says() -> None:
    mapping = load_text(
        """
mapping: 1
entity: opportunity
object: Opportunity
where: "IsPrivate = false"
optional: true
version: SystemModstamp
read:
  id: Id
  name: {from: [Title__c, Name], with: [strip, {replace: [a, b]}], optional: true}
  currency: {value: USD}
  close_on: {from: CloseDate, default: 2020-01-01}
  status: {from: StageName, with: [{choose: {Closed Won: won, $void_stage: void, $unknown: lost}, else: open}]}
write:
  key: {to: CSC_Key__c, label: {en: Key, zh: 键}}
  account_id: {link: companies}
  amount: {to: Amount, scale: 3, null: clear}
  stage: {to: StageName}
close: {StageName: $void_stage, Probability: 0}
""",
        "opportunity",
        {"void_stage": "Withdrawn"},
    )
    assert (mapping.object, mapping.where, mapping.version, mapping.optional) == (
        "Opportunity",
        "IsPrivate = false",
        "SystemModstamp",
        True,
    )
    assert mapping.read["name"].paths == ("Title__c", "Name")
    assert mapping.read["name"].steps == (Step("strip"), Step("replace", ("a", "b")))
    assert mapping.read["currency"].value == "USD"
    assert str(mapping.read["close_on"].default) == "2020-01-01"
    choose = mapping.read["status"].steps[0].argument
    assert choose == Choose({"Closed Won": "won", "Withdrawn": "void"}, "open", True)
    assert mapping.write["amount"] == OwnedField("amount", "Amount", FieldKind.BUSINESS, "money", null="clear", scale=3)
    assert mapping.write["account_id"].link == "companies"
    assert mapping.close == {"StageName": "Withdrawn", "Probability": 0}
    assert mapping.source_fields() == tuple(
        sorted(["Id", "Title__c", "Name", "CloseDate", "StageName", "CSC_Key__c", "Amount", "SystemModstamp"])
    )
    assert mapping.optional_fields() == {"Title__c", "Name", "CSC_Key__c"}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "1:1", "empty"),
        ("just a text", "1:1", "table"),
        ("mapping: [1", "1:12", "not YAML"),
        ("mapping: 1\nmapping: 1\n", "2:1", "not YAML"),
        (OWNER.replace("1", "2"), "1:10", "version 1"),
        (OWNER.replace("owner", "ower"), "2:9", "Did you mean 'owner'"),
        (OWNER.replace("owner", "usage_module_day"), "2:9", "no entity"),
        (OWNER.replace("object", "objekt"), "3:1", "Did you mean 'object'"),
        (OWNER.replace("object: User\n", ""), "1:1", "no 'object'"),
        (OWNER.replace("  name: Name\n", ""), "5:3", "owner.name is required"),
        (OWNER + "  emial: Mail\n", "7:3", "Did you mean 'email'"),
        (OWNER + "  email: 7\n", "7:10", "a table"),
        (OWNER + "  email: {form: Mail}\n", "7:11", "Did you mean 'from'"),
        (OWNER + "  email: {with: [strip]}\n", "7:10", "either 'from' or 'value'"),
        (OWNER + "  email: {from: Mail, with: [strp]}\n", "7:30", "Did you mean 'strip'"),
        (OWNER + "  email: {from: Mail, with: [{perfix: x}]}\n", "7:31", "Did you mean 'prefix'"),
        (OWNER + "  email: {from: Mail, with: strip}\n", "7:29", "should be a list"),
        (OWNER + "  email: {from: Mail, with: [prefix]}\n", "7:30", "needs a parameter"),
        (OWNER + "  email: {from: Mail, with: [{strip: 1}]}\n", "7:30", "takes no parameter"),
        (OWNER + "  email: {from: Mail, with: [{add_days: x}]}\n", "7:41", "whole number"),
        (OWNER + "  email: {from: Mail, with: [{prefix: a, after: b}]}\n", "7:30", "one transform"),
        (OWNER + "  email: {from: Mail, with: [{scale: 1/0}]}\n", "7:38", "zero"),
        (OWNER + "  email: {from: Mail, with: [{each: [strp]}]}\n", "7:38", "Did you mean 'strip'"),
        (OWNER + "  active: {value: perhaps}\n", "7:19", "neither true nor false"),
        (OWNER + "  active: {from: A, default: maybe}\n", "7:30", "neither true nor false"),
        (OWNER.replace("name: Name", "name: {from: Name, optional: true}"), "6:32", "cannot be optional"),
        (OWNER + "write: {}\n", "7:8", "writes nothing to owner"),
        (OWNER + "close: {A: b}\n", "7:8", "records we create"),
        (TASK + "  sbject: {to: S}\n", "8:3", "Did you mean 'subject'"),
        (TASK + "  subject: {to: S, typ: text}\n", "8:20", "Did you mean 'type'"),
        (TASK + "  subject: {to: S, type: txt}\n", "8:26", "Did you mean 'text'"),
        (TASK + "  subject: {to: S, kind: scores}\n", "8:26", "Did you mean 'score'"),
        (TASK + "  subject: {to: S, null: maybe}\n", "8:26", "clear"),
        (TASK + "  subject: {type: text}\n", "8:12", "either 'to' or 'link'"),
        (TASK + "  subject: {link: x}\n", "8:19", "not a reference"),
        (TASK + "  subject: {to: K__c}\n", "8:12", "written twice"),
        (TASK + "  urgency: {to: P, choices: {low: Low}}\n", "8:29", "nothing for high, normal"),
        (TASK + "  status: {to: S, choices: {open: A, done: A}}\n", "8:28", "word of its own"),
        (TASK.replace("key: {to: K__c}", "subject: {to: S}"), "7:3", "need their 'key'"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(MappingError, match=re.escape(words)) as caught:
        load_text(text, "here")
    assert caught.value.where == f"here.yaml:{place}"


def test_a_choice_that_is_no_constant_of_its_field() -> None:
    text = "mapping: 1\nentity: account\nobject: A\nread:\n  id: Id\n  name: N\n  segment: {value: strategc}\n"
    with pytest.raises(MappingError, match="Did you mean 'strategic'"):
        load_text(text)


@settings(deadline=None)
@given(
    text=st.text(st.sampled_from("mapping: 1\nentity: owner\n{}[]&*!|>'\"#-,:? $\t\x07\ufeff2020-13-45")) | st.text()
)
def test_any_text_is_a_mapping_or_a_mapping_error(text: str) -> None:
    for body in (text, OWNER + "  email: " + text, OWNER + text, TASK + "  body: " + text):
        with contextlib.suppress(MappingError):
            assert load_text(body).read


def test_a_setting_is_needed_only_when_it_is_used() -> None:
    mapping = load_text(TASK + "close: {Status: $void_stage}\n")
    with pytest.raises(MappingError, match="Set 'void_stage' under write_back"):
        _ = mapping.close
    assert load_text(TASK + "close: {Status: $void_stage}\n", "t", {"void_stage": "Done"}).close == {"Status": "Done"}


def test_later_folders_replace_files_of_the_same_name(tmp_path: Path) -> None:
    packaged, own = tmp_path / "packaged", tmp_path / "own"
    for folder in (packaged, own):
        folder.mkdir()
    (packaged / "owner.yaml").write_text(OWNER)
    (packaged / "task.yaml").write_text(TASK)
    (packaged / "account.yaml").write_text(OWNER.replace("owner", "account").replace("User", "Account"))
    (own / "owner.yaml").write_text(OWNER.replace("User", "Staff"))
    found = load_mappings([packaged, own], {})
    assert [(mapping.entity, mapping.object) for mapping in found] == [
        ("account", "Account"),
        ("owner", "Staff"),
        ("task", "Task"),
    ]
    assert found.writer("task") is found.of("task")[0]
    assert found.writer("owner") is None
    (own / "owner.yaml").write_bytes(b"mapping: \xff")
    with pytest.raises(MappingError, match="not UTF-8") as caught:
        load_mappings([packaged, own])
    assert caught.value.where == str(own / "owner.yaml")
    with pytest.raises(MappingError, match="no such folder"):
        load_mappings([tmp_path / "nowhere"])


def test_one_file_writes_an_entity(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TASK)
    (tmp_path / "b.yaml").write_text(TASK)
    with pytest.raises(MappingError, match="Two files write task: 'a' and 'b'"):
        load_mappings([tmp_path])


def test_the_digest_changes_with_what_is_read_and_with_nothing_else(tmp_path: Path) -> None:
    first = load_text(OWNER, "one")
    assert load_text("# a remark\n" + OWNER, "two").digest == first.digest
    assert load_text(OWNER.replace("Name", "FullName")).digest != first.digest
    task = load_text(TASK)
    assert load_text(TASK.replace("{to: K__c}", "{to: K__c, label: Key}")).digest == task.digest
    assert load_text(TASK.replace("K__c", "L__c")).digest != task.digest


def test_the_fields_to_ask_for_are_those_that_are_there() -> None:
    mapping = load_text(
        OWNER.replace("name: Name", "name: {from: [Full, Name]}") + "  email: {from: Mail, optional: true}\n"
    )
    assert mapping.fields_for({"Id", "Name", "Extra"}) == ("Id", "Name")
    assert mapping.fields_for({"Id", "Full", "Name", "Mail"}) == ("Full", "Id", "Mail", "Name")
    with pytest.raises(MissingFieldError, match="no field 'Full' or 'Name'") as caught:
        mapping.fields_for({"Id", "Nome"})
    assert "There are: Id, Nome" in str(caught.value)
    related = load_text(OWNER.replace("name: Name", "name: Profile.Name"))
    assert related.fields_for({"Id"}) == ("Id", "Profile.Name")


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_packaged_files_load_fit_the_schema_and_survive_a_dump(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    mapping = load_text(text, file.stem)
    document = json.loads(json.dumps(YAML(typ="safe").load(text), default=str))
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    again = load_text(dump_mapping(mapping), file.stem)
    assert again == mapping
    assert again.digest == mapping.digest


@pytest.mark.parametrize("folder", sorted({file.parent for file in FILES}), ids=lambda folder: folder.name)
def test_packaged_folders_load_as_a_set(folder: Path) -> None:
    entities = [mapping.entity for mapping in load_mappings([folder])]
    order = list(ENTITIES)
    assert entities == sorted(entities, key=order.index)


def test_the_schema_in_the_checkout_is_this_versions() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert (PACKAGED / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize(
    "text",
    [
        OWNER.replace("owner", "ower"),
        OWNER + "  emial: Mail\n",
        OWNER + "  email: {from: Mail, with: [strp]}\n",
        OWNER + "  email: {from: Mail, with: [prefix]}\n",
        OWNER.replace("  name: Name\n", ""),
        OWNER + "write: {key: {to: K}}\n",
        TASK + "  urgency: {to: P, choices: {low: Low}}\n",
        TASK + "  subject: {to: S, link: T}\n",
        TASK.replace("key: {to: K__c}", "subject: {to: S}"),
    ],
)
def test_the_schema_knows_the_same_mistakes(text: str) -> None:
    document = json.loads(json.dumps(YAML(typ="safe").load(text)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate(document)


def test_the_prose_names_every_transform_owned_field_and_type() -> None:
    prose = (PACKAGED.parent / "docs/mappings.md").read_text(encoding="utf-8")
    missing = [name for name in TRANSFORMS if not re.search(rf"`(\[|\{{)?{name}\b", prose)]
    missing += [name for owned in OWNED.values() for name in owned if f"`{name}`" not in prose]
    assert missing + [name for name in TYPES if name not in prose] == []


names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,8}", fullmatch=True)
plain = st.text(
    st.characters(categories=["L", "N", "P", "Zs"], include_characters="\n"), min_size=1, max_size=6
).filter(lambda text: text.strip() and not text.startswith("$"))
steps = st.recursive(
    st.one_of(
        st.sampled_from(["strip", "lower", "date", "integer", "invert"]).map(Step),
        st.builds(Step, st.sampled_from(["prefix", "after", "split", "hash", "equals"]), plain),
        st.builds(Step, st.sampled_from(["add_days", "add_months"]), st.integers(-99, 99) | names.map(FieldRef)),
        st.builds(Step, st.sampled_from(["months_until", "hours_until"]), names.map(FieldRef)),
        st.builds(Step, st.just("replace"), st.tuples(plain, plain)),
        st.builds(Step, st.just("one_of"), st.lists(plain, max_size=3).map(tuple)),
        st.builds(
            Step,
            st.just("choose"),
            st.builds(Choose, st.dictionaries(plain, plain | st.booleans(), max_size=3), plain, st.just(True)),
        ),
    ),
    lambda inner: st.builds(Step, st.just("each"), st.lists(inner, max_size=2).map(tuple)),
    max_leaves=3,
)


@st.composite
def mappings(draw: st.DrawFn) -> Mapping:
    entity = draw(st.sampled_from(MAPPED))
    read: dict[str, ReadField] = {}
    for name, spec in fields_of(ENTITIES[entity]).items():
        if not spec.required and draw(st.booleans()):
            continue
        optional = not spec.required and draw(st.booleans())
        paths = draw(st.lists(names, min_size=1, max_size=2, unique=True))
        read[name] = ReadField(name, tuple(paths), tuple(draw(st.lists(steps, max_size=2))), optional)
    write: dict[str, OwnedField] = {}
    for index, (name, owned) in enumerate(OWNED.get(entity, {}).items()):
        if name == "key" or draw(st.booleans()):
            words = draw(st.lists(plain, min_size=len(owned.words), max_size=len(owned.words), unique=True))
            write[name] = OwnedField(
                name,
                f"{draw(names)}_{index}",
                draw(st.sampled_from(list(FieldKind))),
                type := draw(st.sampled_from(TYPES)),
                dict(zip(owned.words, words, strict=True)),
                draw(st.sampled_from(["keep", "clear"])),
                None,
                draw(st.dictionaries(st.sampled_from(["en", "zh"]), plain)),
                length=draw(st.integers(1, 500)) if type == "text" else None,
                scale=draw(st.integers(0, 6)) if type in ("money", "number") else None,
            )
    closing: dict[str, Any] = {}
    if write and entity != "account":
        closing = draw(st.dictionaries(names, plain | st.integers() | st.booleans() | names.map(FieldRef), max_size=2))
    where, version = draw(st.just("") | plain), draw(st.none() | names)
    return Mapping("mapping", entity, draw(plain), read, where, version, draw(st.booleans()), write, closing)


@settings(deadline=None, max_examples=40)
@given(mappings())
def test_a_dump_loads_as_the_same_mapping(mapping: Mapping) -> None:
    again = load_text(dump_mapping(mapping))
    assert again == mapping
    assert list(mapping_set([again])) == [mapping]
