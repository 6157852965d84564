"""The one place where settings of an installation come from: environment variables `KUANGAN_*`, then these defaults."""

from __future__ import annotations

import secrets as random_source
from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Configuration(BaseSettings):
    """Settings of one installation. Every field may be set as `KUANGAN_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="KUANGAN_", extra="ignore")

    home: Path = Field(default=Path("var"), description="all state of the installation")
    database_url: str = Field(
        default="", description="postgresql://user:password@host:port/name; empty: SQLite in the home"
    )
    debug: bool = Field(default=False, description="pages that show errors in full; never where others can reach them")
    demo: bool = Field(default=False, description="relaxed defaults for a demonstration on one machine")
    host: str = Field(default="127.0.0.1", description="address that pages and gateway listen on")
    port: int = Field(default=8000, description="pages")
    gateway_port: int = Field(default=8001, description="HTTP gateway")
    gateway_url: str = Field(
        default="", description="where mines reach the HTTP gateway; empty: http://carrier_host:gateway_port"
    )
    carrier_host: str = Field(
        default="", description="host name at which mines reach the carriers, shown to them; empty: host"
    )
    ftp_port: int | None = Field(default=None, ge=0, description="FTP server of the gateway; empty: none")
    ftp_host: str = Field(default="", description="address that the FTP server listens on; empty: host")
    ftp_passive_ports: str = Field(
        default="", pattern=r"^(\d+-\d+)?$", description="range of passive ports, as 60000-60099; empty: any free port"
    )
    ftp_public_address: str = Field(
        default="", description="IPv4 address told for passive connections, behind address translation"
    )
    ftp_certificate: Path | None = Field(default=None, description="certificate chain (PEM) for FTPS; empty: no TLS")
    ftp_key: Path | None = Field(default=None, description="private key (PEM); empty: in the certificate file")
    ftp_plain: bool = Field(default=False, description="with a certificate, still allow sessions without TLS")
    ftp_connections: int = Field(default=1024, ge=1, description="FTP connections at once")
    ftp_connections_per_address: int = Field(default=64, ge=1, description="FTP connections at once from one address")
    ftp_idle_seconds: int = Field(default=300, ge=1, description="after which an idle FTP connection is ended")
    mqtt_url: str = Field(
        default="", description="broker to subscribe at: mqtt://user:password@host:1883, mqtts:// for TLS; empty: none"
    )
    mqtt_root: str = Field(
        default="kuangan",
        pattern=r"^[^/+#\s]+$",
        description="first level of the topics <root>/<mine code>/<file name>",
    )
    mqtt_authority: Path | None = Field(default=None, description="CA certificate of the broker; empty: the system's")
    sftp_port: int | None = Field(
        default=None, description="OpenSSH server that puts files into the watched folder; empty: not offered"
    )
    gateway_id: str = Field(default="g1", description="name of this gateway; part of every frame's place in the spool")
    allowed_hosts: list[str] = Field(
        default=["127.0.0.1", "localhost", "[::1]", "testserver"], description="host names that pages answer to"
    )
    trusted_origins: list[str] = Field(default=[], description="origins (https://name) that forms may be posted from")
    frame_limit_bytes: int = Field(default=8 << 20, description="largest file that is taken")
    request_limit_bytes: int = Field(default=64 << 20, description="largest upload request, all its files together")
    incomplete_file_minutes: int = Field(
        default=10, description="how long a file without end mark may grow in the watched folder"
    )
    disk_reserve_bytes: int = Field(default=512 << 20, description="with less free disk than this the gateway refuses")
    spool_days: int = Field(
        default=100,
        ge=0,
        description="days that sealed spool segments are kept once engine and ledger have passed them; 0: for ever",
    )
    archive_days: int = Field(
        default=0, ge=0, description="days that readings and reported alarms are kept; 0: for ever"
    )
    ledger_days: int = Field(
        default=0, ge=0, description="days that ledger rows are kept, never shorter than the spool; 0: for ever"
    )
    exchange_days: int = Field(
        default=0,
        ge=0,
        description="days that packages and records of other platforms are kept once nobody waits for them; 0: for ever",
    )
    ladders: Path | None = Field(
        default=None, description="own ladders of reminders and of climbing (YAML as shipped); empty: the shipped ones"
    )
    calendar: Path | None = Field(
        default=None,
        description="own years of days off and shifted working days (YAML as shipped); empty: the shipped ones",
    )
    smtp_url: str = Field(
        default="", description="apprise address of the mail server; empty: mail is kept in the outbox"
    )
    sms_url: str = Field(default="", description="address of the SMS gateway; empty: messages are kept in the outbox")
    voice_url: str = Field(
        default="", description="address of the voice-call gateway; empty: calls are kept in the outbox"
    )
    webhook_allowed: list[str] = Field(
        default=[], description="origins (https://host:port) that webhook notices may go to"
    )
    public_url: str = Field(default="", description="where others reach the pages; empty: http://host:port")

    def prepared_home(self) -> Path:
        """The home, absolute, with its folders; created on first use."""
        home = self.home.expanduser().resolve()
        for name in ("secrets", "spool", "config", "engine", "archive", "ledger", "hot", "inbox", "run"):
            (home / name).mkdir(parents=True, exist_ok=True)
        (home / "secrets").chmod(0o700)
        return home

    def secret(self, name: str) -> str:
        """A random secret kept in the home (0600), made on first use, safe against two processes making it at once."""
        path = self.prepared_home() / "secrets" / name
        if not path.exists():
            draft = path.with_name(f".{name}.{random_source.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(random_source.token_urlsafe(48))
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    return Configuration()
