"""``csconnect.yaml``: one file, secrets only by reference."""

from csconnect.config.load import load_config
from csconnect.config.model import Config, ConnectionConfig

__all__ = ["Config", "ConnectionConfig", "load_config"]
