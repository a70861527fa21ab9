"""``csconnect mapping``: check mapping files, print their JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from csconnect.cli.common import screen, workspace


@click.group()
def mapping() -> None:
    """Check mapping files; print their JSON Schema."""


@mapping.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.pass_obj
def check(obj: dict[str, Any], folder: Path | None) -> int:
    """Check the mapping files in FOLDER, or of every connection of the configuration.

    The first problem is named as file:line:col with what was expected there.
    """
    from csconnect.mapping import load_mappings

    output = screen("table")
    if folder is not None:
        found = load_mappings([folder], {})
        output.say(f"{folder}: {len(found)} mappings are fine", "green")
        return 0
    with workspace(obj, output) as space:
        for name in space.config.connections:
            mappings = space.mappings(name)
            output.table(
                ["CONNECTION", "FILE", "OBJECT", "ENTITY", "READS", "WRITES"],
                [[name, m.name, m.object, m.entity, len(m.read), len(m.write) or None] for m in mappings],
            )
    return 0


@mapping.command()
def schema() -> int:
    """Print the JSON Schema of mapping files, for editors."""
    from csconnect.mapping import json_schema

    click.echo(json.dumps(json_schema(), indent=1, ensure_ascii=False))
    return 0
