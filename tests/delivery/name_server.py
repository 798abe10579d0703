"""A name server on loopback that knows some TXT records."""

import threading
from collections.abc import Mapping, Sequence
from socketserver import BaseRequestHandler, UDPServer
from types import TracebackType
from typing import Self

from dns.flags import AA
from dns.message import from_wire, make_response
from dns.rcode import NXDOMAIN, SERVFAIL
from dns.rrset import from_text


class NameServer(UDPServer):
    """Answers with `records` (name → texts), says of other names that there are none, or to everything that it has failed."""

    def __init__(self, records: Mapping[str, Sequence[str]], *, fails: bool = False) -> None:
        self.records = records
        self.fails = fails
        super().__init__(("127.0.0.1", 0), _Answer)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Answer(BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        wire, socket = self.request
        query = from_wire(wire)
        answer = make_response(query)
        answer.flags |= AA
        name = query.question[0].name
        found = self.server.records.get(name.to_text(omit_final_dot=True))
        if self.server.fails:
            answer.set_rcode(SERVFAIL)
        elif found is None:
            answer.set_rcode(NXDOMAIN)
        else:
            answer.answer.append(from_text(name, 60, "IN", "TXT", *(_strings(text) for text in found)))
        socket.sendto(answer.to_wire(), self.client_address)


def _strings(text: str) -> str:
    return " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
