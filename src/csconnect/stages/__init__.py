"""The steps of a run, each a function over a `Workspace`; `csconnect.sync` strings them together."""
