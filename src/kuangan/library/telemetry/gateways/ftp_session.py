"""One FTP session of a sender: its own folders and nothing else, and no answer before what it brought is durable.

A file under its final name is held in memory and answered with 226 when its frame is in the spool. A file under a
temporary name is kept, durably, in the sender's folder below `home/ftp`; the rename to its final name makes it a frame.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.exceptions import AuthenticationFailed, FilesystemError
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler

from kuangan.library.telemetry.files import fsync_path
from kuangan.library.telemetry.gateways.admission import hindrance, is_unfinished
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.senders import Sender, Senders, digest_of_token
from kuangan.library.telemetry.names import MINE_CODE

ALLOWED: Final = "elfwdm"
"""pyftpdlib's letters for: enter, list, rename, store, delete, make a folder; nothing is read back or changed."""
LEFT_OUT: Final = ("APPE", "MFMT", "REST", "RETR", "RMD", "SITE", "SITE CHMOD", "SITE HELP", "STOU", "XRMD")
DONE: Final = "226 Transfer complete."
LATER: Final = "452 Storage is short; keep the file and try again later."
SIZES_REMEMBERED: Final = 1000
STAGED_FILES: Final = 1000
ANSWERS: Final = {
    "token": "530 This account is not valid any more.",
    "foreign_mine": "553 This account may not send for that mine.",
    "unnamed": "553 Not a file name of the interface; end temporary names in .tmp or .part.",
    "place_differs": "553 The folder stands for another mine than the file name.",
    "too_large": "552 Larger than the limit.",
}


class Link(Protocol):
    """What a session needs of the gateway; safe to call from the thread of the sessions."""

    root: Path
    limits: Limits
    senders: Senders
    held: int

    def full(self, more: int) -> bool: ...
    def refuse(self, name: str, reason: str, size: int, address: str, sender: str) -> None: ...
    def deliver(self, name: str, source: str, payload: bytes, done: Callable[[bool], None]) -> None: ...
    def keep(self, path: Path, payload: bytes, done: Callable[[bool], None]) -> None: ...


class Upload:
    """A file on its way in: its bytes in memory, given up as soon as they are too many."""

    closed = False

    def __init__(self, path: str, link: Link, break_off: Callable[[str], None]) -> None:
        self.name = path
        self.size = 0
        self._chunks: list[bytes] = []
        self._link, self._break_off = link, break_off
        self._broken = False

    def write(self, chunk: bytes) -> None:
        """Takes more bytes."""
        self.size += len(chunk)
        if self._broken:
            return
        if self.size > self._link.limits.frame_bytes or self._link.full(len(chunk)):
            self._broken = True
            self._break_off("too_large" if self.size > self._link.limits.frame_bytes else "disk")
        else:
            self._chunks.append(chunk)
            self._link.held += len(chunk)

    def close(self) -> None:
        self.closed = True

    def payload(self) -> bytes:
        """Everything that came."""
        return b"".join(self._chunks)

    def release(self) -> None:
        """Lets go of the bytes."""
        self._link.held -= sum(map(len, self._chunks))
        self._chunks.clear()


class Accounts(DummyAuthorizer):
    """User name and token of the senders; a session goes on under the number of its sender."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def validate_authentication(self, username: str, password: str, handler: Any) -> None:
        """Raises AuthenticationFailed for a token that is none, or another sender's."""
        digest = digest_of_token(password)
        sender = self._link.senders.holder(digest)
        if sender is None or username not in {sender.id, sender.name}:
            raise AuthenticationFailed
        handler.enter(sender, digest)

    def get_home_dir(self, username: str) -> str:
        return str(self._link.root / username)

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        return perm in ALLOWED

    def get_perms(self, username: str) -> str:
        return ALLOWED

    def get_msg_login(self, username: str) -> str:
        return "Login successful."

    def get_msg_quit(self, username: str) -> str:
        return "Goodbye."


class Shelf(AbstractedFS):
    """The folders of one sender: one per mine. Whether a path stays inside is looked at by AbstractedFS."""

    def open(self, filename: str, mode: str) -> Upload:
        upload: Upload = self.cmd_channel.begin(filename)
        return upload

    def mkdir(self, path: str) -> None:
        relative = Path(path).relative_to(self.root)
        if len(relative.parts) != 1 or not self.cmd_channel.owns(relative.name):
            raise FilesystemError("only folders of one's own mines can be made")
        Path(path).mkdir(exist_ok=True)


class Session(FTPHandler):
    """What our sessions do otherwise than those of pyftpdlib, with or without TLS."""

    abstracted_fs = Shelf
    banner = "KuangAn gateway."
    use_sendfile = False
    link: Link
    sender: Sender
    digest: str
    _upload: Upload | None = None
    # Attributes of pyftpdlib's handler that are used here.
    authenticated: bool
    close_when_done: Callable[[], None]
    data_channel: Any
    fs: Any
    ioloop: Any
    remote_ip: str
    username: str
    _closed: bool
    _current_type: str
    _rnfr: str | None

    def __init__(self, *given: Any, **options: Any) -> None:
        self._sizes: dict[str, int] = {}
        super().__init__(*given, **options)
        self._current_type = "i"

    # --- who --------------------------------------------------------------------------------------------------------

    def enter(self, sender: Sender, digest: str) -> None:
        """A sender signed in: its folders are there from now on."""
        self.sender, self.digest, self.username = sender, digest, sender.id
        home = self.link.root / sender.id
        for code in sorted(sender.codes - {"*"}):
            (home / code).mkdir(parents=True, exist_ok=True)
        home.mkdir(parents=True, exist_ok=True)

    def owns(self, code: str) -> bool:
        """Whether this is the code of a mine that the sender may speak for."""
        return MINE_CODE.fullmatch(code) is not None and self.sender.may_send_for(code)

    def handle_auth_failed(self, msg: str, password: str) -> None:
        """While the list of accounts cannot be read nobody is told that the password is wrong."""
        if self.link.senders.damaged:
            self._answer("421 The list of accounts cannot be read at present; try again later.")
            self.close_when_done()
            return
        super().handle_auth_failed(msg, password)

    def on_login_failed(self, username: str, password: str) -> None:
        self.link.refuse("", "token", 0, self.remote_ip, "")

    # --- receiving --------------------------------------------------------------------------------------------------

    def ftp_TYPE(self, line: str) -> None:
        """Any type is agreed to; bytes are kept as they come over the wire."""
        super().ftp_TYPE(line)
        self._current_type = "i"

    def flush_account(self) -> None:
        super().flush_account()
        self._current_type = "i"

    def ftp_STOR(self, file: str, mode: str = "w") -> str | None:
        """Says before the first byte when a file of this name is not taken."""
        if self._refused(file, 0):
            return None
        stored: str | None = super().ftp_STOR(file, mode)
        return stored

    def begin(self, path: str) -> Upload:
        """The file that a transfer writes to."""
        self._upload = Upload(path, self.link, lambda reason: self.ioloop.call_later(0, self._break_off, reason))
        return self._upload

    def respond(self, resp: str, *options: Any, **named: Any) -> None:
        """The good end of a transfer is told by whoever made it durable."""
        if not (resp == DONE and self.data_channel is not None and self.data_channel.receive):
            super().respond(resp, *options, **named)

    def on_file_received(self, file: str) -> None:
        upload, self._upload = self._upload, None
        if upload is None:
            return

        def done(durable: bool) -> None:
            upload.release()
            self._remember(file, upload.size)
            self._answer(DONE if durable else LATER)

        name = Path(file).name
        if is_unfinished(name):
            self.link.keep(Path(file), upload.payload(), done)
        else:
            self.link.deliver(name, f"ftp:{self.sender.id}", upload.payload(), done)

    def on_incomplete_file_received(self, file: str) -> None:
        if self._upload is not None:
            self._upload.release()
            self._upload = None

    def _break_off(self, reason: str) -> None:
        upload = self._upload
        if upload is None or self._closed:
            return
        if self.data_channel is not None:
            self.data_channel.close()
        if reason == "too_large":
            self.link.refuse(Path(upload.name).name, reason, upload.size, self.remote_ip, self.sender.id)
        self._answer(ANSWERS.get(reason, LATER))

    def _answer(self, words: str) -> None:
        if not self._closed:
            self.respond(words)

    # --- renaming ---------------------------------------------------------------------------------------------------

    def ftp_RNFR(self, path: str) -> None:
        if Path(path).is_dir():
            self._answer("550 Folders keep their names.")
        else:
            super().ftp_RNFR(path)

    def ftp_RNTO(self, path: str) -> tuple[str, str] | None:
        """To another temporary name: a rename. To a final name: the file becomes a frame and leaves the folder."""
        source, self._rnfr = self._rnfr, None
        if source is None:
            self._answer("503 Bad sequence of commands: use RNFR first.")
            return None
        kept = Path(source)
        try:
            payload = kept.read_bytes()
            if self._refused(path, len(payload)):
                return None
            if is_unfinished(Path(path).name):
                kept.replace(path)
                fsync_path(Path(path).parent)
                self._answer("250 Renaming ok.")
                return None
        except OSError:
            self._answer("550 No such file.")
            return None

        def done(durable: bool) -> None:
            if durable:
                kept.unlink(missing_ok=True)
                self._remember(path, len(payload))
            self._answer("250 Renaming ok." if durable else LATER)

        self.link.deliver(Path(path).name, f"ftp:{self.sender.id}", payload, done)
        return None

    # --- what is taken ----------------------------------------------------------------------------------------------

    def _refused(self, path: str, size: int) -> bool:
        """Whether a file of this path is turned away; it was then answered and, except for want of space, noted."""
        name = Path(path).name
        reason = self._hindrance(Path(path), size)
        if reason == "token" and self.link.senders.damaged:
            self._answer(LATER)
            return True
        if not reason and (self.link.full(size) or (is_unfinished(name) and self._crowded())):
            self._answer(LATER)
            return True
        if reason:
            self.link.refuse(name, reason, size, self.remote_ip, self.sender.id)
            self._answer(ANSWERS[reason])
        return bool(reason)

    def _hindrance(self, path: Path, size: int) -> str:
        sender = self.link.senders.holder(self.digest)
        if sender is None or sender.id != self.sender.id:
            return "token"
        folders = path.relative_to(self.fs.root).parts[:-1]
        if len(folders) > 1 or not path.parent.is_dir():
            return "place_differs"
        place = folders[0] if folders else ""
        if not is_unfinished(path.name):
            return hindrance(sender, path.name, size, self.link.limits, place)
        return "foreign_mine" if place and not sender.may_send_for(place) else ""

    def _crowded(self) -> bool:
        """Whether the sender has left so much under temporary names that there is no room for more."""
        sizes = [each.stat().st_size for each in Path(self.fs.root).rglob("*") if each.is_file()]
        return len(sizes) >= STAGED_FILES or sum(sizes) >= self.link.limits.request_bytes

    # --- what programs ask afterwards -------------------------------------------------------------------------------

    def ftp_SIZE(self, path: str) -> None:
        """Programs that compare sizes after an upload are told the size of what was taken."""
        if path in self._sizes:
            self._answer(f"213 {self._sizes[path]}")
        else:
            super().ftp_SIZE(path)

    def _remember(self, path: str, size: int) -> None:
        if is_unfinished(os.path.basename(path)):  # noqa: PTH119
            return
        self._sizes[path] = size
        if len(self._sizes) > SIZES_REMEMBERED:
            del self._sizes[next(iter(self._sizes))]


class PlainSession(Session):
    """Without encryption."""

    proto_cmds = {name: what for name, what in FTPHandler.proto_cmds.items() if name not in LEFT_OUT}


class TlsSession(Session, TLS_FTPHandler):
    """With TLS on request (AUTH TLS), or always."""

    proto_cmds = {name: what for name, what in TLS_FTPHandler.proto_cmds.items() if name not in LEFT_OUT}
