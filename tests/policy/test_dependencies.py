"""Every package that pyproject asks for is used, and every package that is imported is asked for."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

from tests.policy.source import ROOT, modules, tree

# Distribution → top-level module, where they differ.
MODULE = {
    "argon2-cffi": "argon2",
    "django-allauth": "allauth",
    "django-csp": "csp",
    "django-filter": "django_filters",
    "django-ninja": "ninja",
    "django-tables2": "django_tables2",
    "paho-mqtt": "paho",
    "prometheus-client": "prometheus_client",
    "pydantic-settings": "pydantic_settings",
    "pyopenssl": "OpenSSL",
    "pyyaml": "yaml",
}
# Used without being imported: why.
INDIRECT = {
    "argon2-cffi": "PASSWORD_HASHERS",
    "django-csp": "MIDDLEWARE",
    "psycopg": "DATABASES",
    "httptools": "uvicorn's parser",
    "tzdata": "zones where the system has none",
    "uvloop": "uvicorn's loop",
    "whitenoise": "MIDDLEWARE",
    "django-allauth": "INSTALLED_APPS",
}
# Imported, and part of what another declared package is.
PART_OF = {"asgiref": "django", "docx": "docxtpl", "jinja2": "docxtpl"}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower() for requirement in requirements}


OPTIONAL = {"playwright"}
"""Taken by the bench where it is installed (extra `test`); the bench says so and goes without where it is not."""


def imported() -> set[str]:
    found: set[str] = set()
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return names(project["dependencies"])


def test_every_declared_package_is_used() -> None:
    used = imported()
    assert not {name for name in declared() - set(INDIRECT) if MODULE.get(name, name.replace("-", "_")) not in used}


def test_every_imported_package_is_declared() -> None:
    known = {MODULE.get(name, name.replace("-", "_")) for name in declared()}
    foreign = imported() - set(sys.stdlib_module_names) - {"kuangan"} - set(PART_OF) - known - OPTIONAL
    assert not foreign
