"""`python -m tests.services ADDRESS`: fails with a plain sentence when a service that `make test-all` needs is missing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import psycopg

PROGRAMS = {
    "curl": "curl",
    "mosquitto": "mosquitto",
    "mosquitto_pub": "mosquitto-clients",
    "sftp": "openssh-client",
    "sshd": "openssh-server",
}
"""Programs that tests of the carriers run, and the Debian package of each."""


def program(name: str) -> str | None:
    """Where a program is; servers lie in /usr/sbin, which is not on everyone's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


def faults(address: str) -> list[str]:
    """What is missing on this machine, one sentence each; `address` is that of the PostgreSQL server."""
    found = []
    try:
        with psycopg.connect(address, connect_timeout=5) as connection:
            row = connection.execute("select rolcreatedb from pg_roles where rolname = current_user").fetchone()
        if row is None or not row[0]:
            found.append(f"PostgreSQL: the role at {address!r} may not create test databases (ALTER ROLE … CREATEDB)")
    except psycopg.Error as error:
        found.append(f"PostgreSQL: cannot connect to {address!r}: {error}".strip())
    if not (shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")):
        found.append("Chromium: not on the PATH")
    for name, package in PROGRAMS.items():
        if program(name) is None:
            found.append(f"{name}: not found; the package is {package}")
    if not os.access(Path(tempfile.gettempdir()), os.W_OK):
        found.append("the temporary folder cannot be written")
    return found


def main() -> int:
    missing = faults(sys.argv[1])
    for fault in missing:
        print(fault, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
