"""A real Postfix of the test run's own: it takes mail for everybody but `gone@…`, and keeps it in its queue as it came."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import missing

POSTFIX = Path("/usr/sbin/postfix")
# What is accepted goes on hold: it is in the queue, whole, when the answer to it is given, so that nobody has to wait for a delivery.
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
import_environment = MAIL_CONFIG
myhostname = relay.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_header_rewrite_clients =
smtpd_client_restrictions = static:HOLD
smtpd_recipient_restrictions = check_recipient_access inline:{{gone@example.com=REJECT}}, permit_mynetworks, reject
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_tls_security_level = none
message_size_limit = 1000000
"""
MASTER = """
127.0.0.1:{pipelining} inet n - n - - smtpd
127.0.0.1:{chunking} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=pipelining
127.0.0.1:{plain} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=pipelining,chunking
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """A port for each way to speak to it: with PIPELINING and CHUNKING, with CHUNKING alone, and with neither."""

    folder: Path
    pipelining: int
    chunking: int
    plain: int

    def clear(self) -> None:
        for kept in self._kept():
            kept.unlink()

    def got(self) -> list[tuple[str, bytes]]:
        """Recipient and message of all that it took, in no order; its own `Received:` is taken off, and lines end as they did on the line."""
        return [(self._said("-e", kept).partition(b"\nrecipient: ")[2].partition(b"\n")[0].decode(), self._message(kept)) for kept in self._kept()]

    def _kept(self) -> list[Path]:
        return [path for path in (self.folder / "queue" / "hold").rglob("*") if path.is_file()]

    def _message(self, kept: Path) -> bytes:
        lines = self._said("-bh", kept).split(b"\n")
        del lines[0]  # Received: and its two folded lines
        while lines[0].startswith((b" ", b"\t")):
            del lines[0]
        return b"\r\n".join(lines)

    def _said(self, option: str, kept: Path) -> bytes:
        return subprocess.run(["/usr/sbin/postcat", "-c", self.folder / "etc", option, kept], check=True, capture_output=True).stdout


@contextmanager
def running_postfix() -> Iterator[Postfix]:
    if not POSTFIX.exists():
        missing("Postfix", "it is not installed")
    if os.geteuid() != 0:
        missing("Postfix", "only root may start it")
    # Its own users look into the folder, so it is not pytest's, which is closed to them.
    folder = Path(tempfile.mkdtemp(prefix="digest-postfix-"))
    folder.chmod(0o755)
    ports = dict(zip(("pipelining", "chunking", "plain"), _free_ports(3), strict=True))
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    (folder / "etc" / "main.cf").write_text(MAIN.format(folder=folder))
    (folder / "etc" / "master.cf").write_text(MASTER.format(**ports))
    subprocess.run([POSTFIX, "-c", folder / "etc", "start"], check=True, capture_output=True)
    try:
        yield Postfix(folder=folder, **ports)
    finally:
        subprocess.run([POSTFIX, "-c", folder / "etc", "stop"], check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports(number: int) -> list[int]:
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in listening]
    for each in listening:
        each.close()
    return ports
