"""What every `Target` must keep to, as tests. Subclass `TargetKit` as docs/connectors.md shows."""

from __future__ import annotations

from pathlib import PurePosixPath

from csconnect.connectors.protocols import ProvisionStep, Target
from csconnect.errors import MappingError
from csconnect.testing.bench import Bench
from csconnect.testing.desk import at_desk
from csconnect.testing.discreet import DiscreetTests
from csconnect.testing.target_laws import LawTests
from csconnect.testing.target_reads import LookupTests
from csconnect.testing.target_writes import WriteTests
from csconnect.testing.verdict import demand
from csconnect.writeback.ownership import wanted_fields

_WHY = "an admin runs provision until it says that everything is there, and trusts that looking changes nothing"


class TargetKit(LookupTests, WriteTests, LawTests, DiscreetTests):
    """The tests of the writing half; see `csconnect.testing.picking.Kit` for what a subclass sets."""

    def test_it_is_a_target_and_says_what_the_kit_was_told(self, bench: Bench) -> None:
        with bench.opened() as target:
            demand(
                isinstance(target, Target) and target.capabilities.writes,
                "What the bench opens is not a Target that writes",
                why="the core asks for existing, push, provision, export and cost",
                do="the missing methods, with `capabilities.writes`",
            )
            demand(
                target.capabilities == self.capabilities,
                f"The connector says {target.capabilities}, the test class {self.capabilities}",
                why="the kit picks its tests by the class, the core its ways by the connector",
                do="one constant that both use",
            )
        without = [
            entity for entity in ("account", *self.capabilities.creates) if bench.mappings.writer(entity) is None
        ]
        demand(
            not without, f"No mapping writes {without}", why="what no mapping writes is never planned", do="its 'write'"
        )
        for entity in sorted(self.capabilities.creates) if self.capabilities.closes else ():
            _says_how_to_close(bench, entity)

    def test_provisioning_twice_makes_nothing_the_second_time(self, bench: Bench) -> None:
        wanted = wanted_fields(bench.mappings)
        with bench.opened() as target:
            before = bench.state()
            looked = target.provision(wanted, apply=False)
            demand(bench.state() == before, "provision(apply=False) changed the system", why=_WHY, do="a look only")
            made = target.provision(wanted, apply=True)
            between = bench.state()
            again = target.provision(wanted, apply=True)
        _of_every_field(looked, [field.name for field in wanted])
        failed = [step for step in made if step.state not in ("present", "created")]
        demand(not failed, f"provision(apply=True) left {failed}", why=_WHY, do="each field made and made visible")
        anew = [step for step in again if step.state != "present"]
        demand(
            not anew and bench.state() == between,
            f"A second provision(apply=True) says {anew}, or changed the system",
            why=_WHY,
            do="state 'present' for what is there, and no call that writes",
        )

    def test_provisioned_fields_can_be_read_at_once(self, bench: Bench) -> None:
        account = bench.make("account", "provisioned")
        with at_desk(bench) as desk:
            writer = desk.writer("account")
            (record,) = desk.look(writer.target_object, "id", [account], tuple(sorted(writer.fields)))
        demand(
            set(writer.fields) <= set(record.values),
            f"existing() gives {sorted(record.values)} of {sorted(writer.fields)}",
            why="the first apply follows the first provision, in the same session",
            do="descriptions forgotten after provision(apply=True)",
        )

    def test_the_export_names_every_field_and_stays_in_its_folder(self, bench: Bench) -> None:
        wanted = wanted_fields(bench.mappings)
        with bench.opened() as target:
            heard = len(bench.heard())
            files = target.export(wanted)
            silent = len(bench.heard()) == heard
        text = "\n".join(files.values())
        lacking = [
            field.name for field in wanted if field.name not in text and not any(field.name in path for path in files)
        ]
        astray = [path for path in files if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts]
        demand(
            not lacking and not astray and silent,
            f"export() lacks {lacking}, leads to {astray}, or calls the system",
            why="admins who let nobody touch their schema deploy these files themselves",
            do="relative path -> text for the vendor's own tool",
        )

    def test_the_forecast_covers_what_applying_spends(self, bench: Bench) -> None:
        with at_desk(bench) as desk:
            ids = [bench.make("account", f"forecast {number}") for number in range(3)]
            wants = [desk.want(entity, id, {}) for id in ids for entity in sorted(self.capabilities.creates)]
            plan = desk.plan([*(desk.want("account", id, {"health_score": 5}) for id in ids), *wants])
            forecast, heard = plan.calls.get(bench.connection, 0), len(bench.heard())
            desk.apply(plan)
            spent = len(bench.heard()) - heard
        demand(
            spent <= forecast,
            f"cost() said {forecast} calls, applying spent {spent}",
            why="a plan that runs out of quota half-way stops half-way",
            do="cost() with the read before, the write, the read after, and what else push() asks",
        )


def _says_how_to_close(bench: Bench, entity: str) -> None:
    writer, do = bench.mappings.writer(entity), f"'close:' in the mapping that writes {entity}"
    try:
        says = writer.close if writer else {}
    except MappingError as error:
        says, do = {}, f"Bench.mappings = load_mappings(folders, settings), as under write_back: {error.what}"
    demand(says, f"Nothing says how to withdraw a {entity}", why="undo closes what we made; it never deletes", do=do)


def _of_every_field(steps: list[ProvisionStep], names: list[str]) -> None:
    unknown = [step for step in steps if step.state not in ("present", "hidden", "missing")]
    untold = [name for name in names if name not in {step.what for step in steps}]
    demand(
        not unknown and not untold,
        f"provision(apply=False) says nothing of {untold}, and {unknown}",
        why=_WHY,
        do="a step for each wanted field: present, hidden or missing",
    )
