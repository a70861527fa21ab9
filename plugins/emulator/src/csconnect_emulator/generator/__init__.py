"""A made-up vendor and its customers, whose fate is known: the data behind the emulator, the demo and the backtests.

`generate` makes a `World`; the rest writes it down, as CRM records, as files, or straight into the emulator's store.
"""

from csconnect_emulator.generator.causes import Causes
from csconnect_emulator.generator.exports import write_files, write_side_files
from csconnect_emulator.generator.hubspot import render_hubspot
from csconnect_emulator.generator.hubspot_links import Association, hubspot_associations
from csconnect_emulator.generator.salesforce import render_salesforce
from csconnect_emulator.generator.truth import TermTruth, write_truth
from csconnect_emulator.generator.usage import write_usage
from csconnect_emulator.generator.world import World, generate

__all__ = [
    "Association",
    "Causes",
    "TermTruth",
    "World",
    "generate",
    "hubspot_associations",
    "render_hubspot",
    "render_salesforce",
    "write_files",
    "write_side_files",
    "write_truth",
    "write_usage",
]
