"""What the settings say of the carriers: for the gateway, for the broker, and for the pages that tell mines where to send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from kuangan.library.telemetry.gateways.ftp import FtpSettings
    from kuangan.library.telemetry.gateways.mqtt import MqttSettings
    from kuangan.site.configuration import Configuration

PORTS = {"mqtt": 1883, "mqtts": 8883}


class Misconfigured(ValueError):
    """A setting of a carrier that cannot be used; the text says which and why."""


def ftp_settings(configuration: Configuration) -> FtpSettings | None:
    """The FTP carrier; None without a port."""
    if configuration.ftp_port is None:
        return None
    from kuangan.library.telemetry.gateways.ftp import FtpSettings

    first, _, last = configuration.ftp_passive_ports.partition("-")
    for path in (configuration.ftp_certificate, configuration.ftp_key):
        if path is not None and not path.is_file():
            raise Misconfigured(f"no file {path} (settings ftp_certificate, ftp_key)")
    return FtpSettings(
        host=configuration.ftp_host or configuration.host,
        port=configuration.ftp_port,
        passive_ports=(int(first), int(last)) if last else None,
        public_address=configuration.ftp_public_address,
        certificate=configuration.ftp_certificate,
        key=configuration.ftp_key,
        plain=configuration.ftp_plain,
        connections=configuration.ftp_connections,
        connections_per_address=configuration.ftp_connections_per_address,
        idle_s=configuration.ftp_idle_seconds,
    )


def mqtt_settings(configuration: Configuration) -> MqttSettings | None:
    """The MQTT carrier; None without a broker. Raises Misconfigured."""
    if not configuration.mqtt_url:
        return None
    from kuangan.library.telemetry.gateways.mqtt import MqttSettings

    parts = urlsplit(configuration.mqtt_url)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise Misconfigured("setting mqtt_url is not mqtt://user:password@host:port or mqtts://…")
    return MqttSettings(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "mqtts",
        authority=configuration.mqtt_authority,
        root=configuration.mqtt_root,
    )


def addresses(configuration: Configuration) -> dict[str, dict[str, Any]]:
    """Carrier → what a mine must know to reach it; only carriers that are set up. Holds no secret."""
    host = configuration.carrier_host or configuration.host
    http = configuration.gateway_url or f"http://{host}:{configuration.gateway_port}"
    found: dict[str, dict[str, Any]] = {"http": {"address": f"{http.rstrip('/')}/v1/frames"}}
    if configuration.ftp_port is not None:
        found["ftp"] = {"host": host, "port": configuration.ftp_port, "tls": configuration.ftp_certificate is not None}
    if configuration.mqtt_url:
        parts = urlsplit(configuration.mqtt_url)
        tls = parts.scheme == "mqtts"
        port = parts.port or PORTS.get(parts.scheme, 1883)
        found["mqtt"] = {"host": host, "port": port, "tls": tls, "root": configuration.mqtt_root}
    if configuration.sftp_port is not None:
        found["sftp"] = {"host": host, "port": configuration.sftp_port}
    return found


def write_broker_files(configuration: Configuration, folder: Path, at: Any) -> list[Path]:
    """Password file and access list for Mosquitto, each replaced only when it changed; which ones were. Raises Misconfigured."""
    from kuangan.domains.datalink.broker import broker_users
    from kuangan.library.telemetry.gateways.mosquitto import (
        BrokerUser,
        access_list,
        password_file,
        password_hash,
        steady_salt,
    )

    known = mqtt_settings(configuration)
    if known is None:
        raise Misconfigured("no broker is set (setting mqtt_url)")
    gateway = BrokerUser(known.user, password_hash(known.password, steady_salt(known.user, known.password)), [])
    users = broker_users(at)
    texts = {"passwords": password_file(users, gateway), "acl": access_list(users, gateway, known.root)}
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    return [folder / name for name, text in texts.items() if _replaced(folder / name, text)]


def _replaced(path: Path, text: str) -> bool:
    if path.exists() and path.read_text("utf-8") == text:
        return False
    draft = path.with_name(f".{path.name}.draft")
    draft.touch(mode=0o640)
    draft.write_text(text, "utf-8")
    draft.replace(path)
    return True
