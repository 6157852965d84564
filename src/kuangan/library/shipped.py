"""Reading YAML with the parser in C: every process reads all tables of the house when it starts, the one in Python takes seven times as long."""

from __future__ import annotations

from typing import Any

import yaml


def read_yaml(text: str | bytes) -> Any:
    """The content of a YAML document, plain values only. Raises yaml.YAMLError for what is not one."""
    return yaml.load(text, Loader=yaml.CSafeLoader)
