"""The folder and the memory: two transports that need no network."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.folder import FolderTransport, file_name
from digest.delivery.memory import MemoryTransport
from digest.delivery.steps import finish
from digest.delivery.transport import Transport
from digest.delivery.values import Envelope, Outcome, OutcomeKind
from digest.errors import TransportDown


def envelope(name: str = "weekly-20261123T0700Z-abc", data: bytes = b"Subject: x\r\n\r\n.dot\r\n") -> Envelope:
    return Envelope(name=name, sender="letters@example.com", recipient="ann@example.com", parts=(data,))


@pytest.mark.parametrize("make", [FolderTransport, lambda path: MemoryTransport()], ids=["folder", "memory"])
def test_each_takes_a_message(make: Callable[[Path], Transport], tmp_path: Path) -> None:
    transport = make(tmp_path)
    assert finish(transport.hand_over(envelope(), envelope("another"))).kind is OutcomeKind.ACCEPTED
    finish(transport.leave())
    transport.close()


@pytest.mark.parametrize("durable", [True, False])
def test_folder_holds_each_delivery_once_byte_for_byte(tmp_path: Path, *, durable: bool) -> None:
    folder = tmp_path / "new" / "outbox"
    transport = FolderTransport(folder, durable=durable)
    for message in (envelope(data=b"Subject: first\r\n\r\n"), envelope(), envelope(name="another")):
        finish(transport.hand_over(message))
    assert sorted(path.name for path in folder.iterdir()) == ["another.eml", "weekly-20261123T0700Z-abc.eml"]
    data = (folder / "weekly-20261123T0700Z-abc.eml").read_bytes()
    assert data == envelope().data


def test_folder_that_cannot_be_written_stops_the_send(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file, not a folder")
    with pytest.raises(TransportDown, match="cannot be written"):
        finish(FolderTransport(tmp_path / "outbox").hand_over(envelope()))


def test_folder_that_fails_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "weekly.eml").mkdir()
    with pytest.raises(TransportDown):
        finish(FolderTransport(tmp_path).hand_over(envelope(name="weekly")))
    assert [path.name for path in tmp_path.iterdir()] == ["weekly.eml"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def testfile_names_are_safe_and_never_shared(one: str, other: str) -> None:
    for name in (one, other):
        made = file_name(name)
        assert "/" not in made and "\x00" not in made and made not in (".", "..") and len(made.encode()) <= 255
    assert (file_name(one) == file_name(other)) == (one == other)


def test_memory_keeps_what_it_accepts_and_answers_as_told() -> None:
    refused = Outcome(kind=OutcomeKind.REFUSED, code=550, text="no such user")
    transport = MemoryTransport(lambda given: refused if given.name == "bad" else Outcome(kind=OutcomeKind.ACCEPTED))
    assert finish(transport.hand_over(envelope(name="bad"), envelope(name="good"))) == refused
    finish(transport.hand_over(envelope(name="good")))
    assert [one.name for one in transport.sent] == ["good"]
