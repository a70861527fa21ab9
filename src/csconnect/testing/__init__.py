"""The conformance kit for connector authors (docs/connectors.md). Nothing of it is needed at run time.

`csconnect.testing.bench.Bench` is what an author writes; `csconnect.testing.source_kit.SourceKit` and
`csconnect.testing.target_kit.TargetKit` are the tests they get for it; `csconnect.testing.memory` is a whole CRM in memory.
"""
