"""The pages: links lead somewhere, nothing of this machine stands in them, and what is made from the code is as the code says."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from csconnect.mapping import load_mappings

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def _anchor(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def _anchors(text: str) -> set[str]:
    return {_anchor(found) for found in re.findall(r"^#+ +(.+)$", FENCE.sub("", text), re.MULTILINE)}


def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(pages: dict[str, str]) -> None:
    broken = []
    for name, text in pages.items():
        for link in LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", link):
                continue
            place, _, anchor = link.partition("#")
            target = (ROOT / name).parent / place if place else ROOT / name
            if not target.exists() or (anchor and anchor not in _anchors(target.read_text("utf-8"))):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_the_index_names_every_page(pages: dict[str, str]) -> None:
    linked = set(LINK.findall(pages["docs/index.md"]))
    missing = [page.name for page in (ROOT / "docs").glob("*.md") if page.name not in linked | {"index.md"}]
    assert missing == []


def test_no_page_names_a_place_on_somebodys_machine(pages: dict[str, str]) -> None:
    # /srv, /etc and the like are examples for the reader's machine; these are ours.
    ours = re.compile(r"/(work|tmp|home|root|Users)/|\.library|source-notes|api-facts|field-traps|user-journeys")
    assert [f"{name}: {found[0]}" for name, text in pages.items() if (found := ours.search(text))] == []


def test_generated_parts_are_as_the_code_says(generate: ModuleType) -> None:
    stale = [page.name for page, wanted in generate.pages().items() if page.read_text("utf-8") != wanted]
    assert stale == [], "run: .venv/bin/python tests/docs/generate.py"


@pytest.mark.parametrize(("system", "page"), [("salesforce", "salesforce.md"), ("hubspot", "hubspot.md")])
def test_the_fields_table_names_exactly_what_the_mappings_write(system: str, page: str, pages: dict[str, str]) -> None:
    table = pages[f"docs/{page}"].split("<!-- fields:begin -->")[1].split("<!-- fields:end -->")[0]
    told = set(re.findall(r"^\| (\w+) \| (?:`([\w.]+)`|association to (\w+))", table, re.MULTILINE))
    mapped = {
        (mapping.object, owned.to or "", owned.link or "")
        for mapping in load_mappings([ROOT / "mappings" / system], {})
        for owned in mapping.write.values()
    }
    assert told == mapped


def test_csm_pages_explain_every_field_on_the_account(pages: dict[str, str]) -> None:
    (mapping,) = (m for m in load_mappings([ROOT / "mappings" / "salesforce"], {}) if m.entity == "account")
    for page, language, ending in (("docs/csm.md", "en", r" \(csconnect\)"), ("docs/csm.zh.md", "zh", "（csconnect）")):
        explained = set(re.findall(r"^\| \*\*(.+?)\*\* \|", pages[page], re.MULTILINE))
        labels = {re.sub(ending, "", owned.label[language]) for owned in mapping.write.values() if owned.label}
        assert explained == labels


def test_every_table_of_the_files_mappings_is_described(pages: dict[str, str]) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", pages["docs/files.md"], re.MULTILINE))
    mappings = {mapping.object: mapping for mapping in load_mappings([ROOT / "mappings" / "files"], {})}
    assert rows.keys() == mappings.keys()
    for name, mapping in mappings.items():
        told = {word.strip(" *") for word in rows[name].split(",")}
        computed = set() if name == "opportunities" else {"months"}  # elsewhere reckoned from start and end
        assert told == mapping.read.keys() - computed, name


def test_the_scorecard_table_is_the_card(pages: dict[str, str]) -> None:
    from csconnect.library.load import load_library

    library = load_library()
    card = {
        name: (int(signal.weight), library.signals[name].header.window)
        for _, name, signal in library.card("weekly_health").signals()
    }
    told = {
        name: (int(points), int(window.split()[0]) if window[0].isdigit() else card[name][1])
        for name, points, window in re.findall(
            r"^\| (\w+) \| (\d+) \|.*\| ([^|]+) \|$", pages["docs/domain.md"], re.MULTILINE
        )
    }
    assert told == card
