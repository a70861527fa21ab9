"""What the pages say about commands, codes and configuration is true."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import pytest

from csconnect.cli.main import cli
from csconnect.config import load_config
from csconnect.connectors.hookspecs import Hooks
from csconnect.connectors.registry import Registry, installed

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "src", *(ROOT / "plugins").glob("*/src")]
ASKED = re.compile(r"(?:^|'|[Rr]un |with:? |[Tt]hen |[Ss]ee |or )csconnect ([a-z]+)\b")
"""A command that a text asks the reader to run."""
PLACE = re.compile(r"^[A-Z][A-Z_]*$|^\.\.\.$|^…$")


def _commands(text: str) -> list[str]:
    """``csconnect ...`` as it stands in code spans and in code blocks."""
    fences = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    spans = [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", prose)]
    lines = [line for fence in fences for line in fence.splitlines()]
    found = [re.search(r"(?:^|/bin/|cd \S+ && )csconnect +([^#]*)", line) for line in [*lines, *spans]]
    return [hit[1].split(">>")[0].split(" + ")[0].strip() for hit in found if hit]


def _problem(line: str) -> str:
    """Why a command line would not be understood; empty when it would."""
    command: click.Command = cli
    context = click.Context(cli)
    options = _options(command)
    words = iter(shlex.split(line.replace("…", "")))
    for word in words:
        if word.startswith("-"):
            name = word.split("=")[0]
            if name not in options:
                return f"no option {name}"
            for _ in range(options[name] if "=" not in word else 0):
                next(words, None)
        elif isinstance(command, click.Group):
            inner = command.get_command(context, word)
            if inner is None:
                return f"no command {word}"
            command, options = inner, _options(inner)
        elif not PLACE.match(word) and not any(isinstance(p, click.Argument) for p in command.params):
            return f"takes no {word!r}"
    return ""


def _options(command: click.Command) -> dict[str, int]:
    """Option -> how many values it takes, none for a flag."""
    found = {"--help": 0, "-h": 0}
    for param in command.params:
        if isinstance(param, click.Option):
            found |= dict.fromkeys([*param.opts, *param.secondary_opts], 0 if param.is_flag else param.nargs)
    return found


def test_every_command_and_option_in_the_pages_exists(pages: dict[str, str]) -> None:
    lines = {(name, line) for name, text in pages.items() for line in _commands(text)}
    assert len(lines) > 40
    assert [f"{name}: csconnect {line}: {why}" for name, line in sorted(lines) if (why := _problem(line))] == []


def test_every_command_stands_in_some_page(pages: dict[str, str]) -> None:
    told = {line.split()[0] for text in pages.values() for line in _commands(text) if line and line[0] != "-"}
    assert set(cli.list_commands(click.Context(cli))) <= told


def test_remedies_in_the_source_name_commands_that_exist() -> None:
    """A remedy that names a command which does not exist is worse than none."""
    wrong = []
    for path in _modules():
        for text in _texts(path):
            for found in ASKED.findall(text):
                if cli.get_command(click.Context(cli), found) is None:
                    wrong.append(f"{path.relative_to(ROOT)}: csconnect {found}")
    assert wrong == []


def _modules() -> list[Path]:
    return [path for source in SOURCES for path in source.rglob("*.py")]


def _texts(path: Path) -> list[str]:
    """Texts in the code that are shown to people: what is given to ``remedy``, or raised."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    values = [word.value for call in calls for word in call.keywords if word.arg in ("remedy", "help")]
    return [
        part.value
        for value in values
        for part in ast.walk(value)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def test_every_error_code_of_the_source_is_documented(pages: dict[str, str]) -> None:
    raised = {
        code
        for path in _modules()
        for code in re.findall(r"[\"'(](E-[A-Z]+(?:-[A-Z]+)*)[\"')]", path.read_text("utf-8"))
    }
    told = set(re.findall(r"E-[A-Z]+(?:-[A-Z]+)*", pages["docs/exit-codes.md"]))
    assert raised
    assert raised - told == set(), "not in docs/exit-codes.md"
    assert told - raised == set(), "raised nowhere"


def test_every_hook_is_documented_and_the_example_is_accepted(pages: dict[str, str]) -> None:
    text = pages["docs/plugins.md"]
    assert all(f"`{name}(" in text for name in vars(Hooks) if name.startswith("csconnect_"))
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    plugin: dict[str, object] = {}
    exec(compile(example, "docs/plugins.md", "exec"), plugin)
    registry = Registry()
    registry.add(type("Example", (), {n: staticmethod(v) for n, v in plugin.items() if callable(v)}), "example")
    assert [state.problem for state in registry.plugins] == [""]


def _yaml_blocks(text: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def test_configurations_in_the_pages_load(pages: dict[str, str], tmp_path: Path) -> None:
    whole = [block for text in pages.values() for block in _yaml_blocks(text) if block.startswith("version: 1")]
    assert whole
    for number, block in enumerate(whole):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, "utf-8")
        load_config(file, installed())


def test_mappings_of_the_files_page_load(pages: dict[str, str], tmp_path: Path) -> None:
    from csconnect.mapping import load_mappings

    blocks = [block for block in _yaml_blocks(pages["docs/files.md"]) if block.startswith("mapping: 1")]
    for number, block in enumerate(blocks):
        (tmp_path / f"{number}.yaml").write_text(block, "utf-8")
    assert len(load_mappings([tmp_path], {})) == len(blocks) > 0


@pytest.mark.parametrize("system", ["salesforce", "hubspot", "files"])
def test_init_writes_what_loads_and_the_next_steps_are_real(system: str, tmp_path: Path) -> None:
    from csconnect.cli.questions import QUESTIONS, render
    from csconnect.cli.setup import NEXT

    file = tmp_path / "csconnect.yaml"
    answers = {question.name: question.default for question in QUESTIONS[system]}
    file.write_text(render(system, {"name": system, **answers}), "utf-8")
    assert load_config(file, installed()).homes == [system]
    for line in NEXT[system]:
        for found in re.findall(r"csconnect ([a-z]+)", line):
            assert cli.get_command(click.Context(cli), found) is not None
        for page in re.findall(r"docs/\w+\.md", line):
            assert (ROOT / page).exists()
