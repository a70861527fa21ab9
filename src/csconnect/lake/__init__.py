"""The lake: immutable facts in Parquet, manifests, and views as of any day and any moment of knowledge."""

from csconnect.lake.engine import open_engine
from csconnect.lake.manifest import Count, FactFile, Manifest
from csconnect.lake.store import Lake
from csconnect.lake.views import Snapshot
from csconnect.lake.write import LakeRun

__all__ = ["Count", "FactFile", "Lake", "LakeRun", "Manifest", "Snapshot", "open_engine"]
