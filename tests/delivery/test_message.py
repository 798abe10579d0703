"""The message's headers: what every mail program must be able to read back, and what no text of a stranger's may add."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from digest.delivery.headers import mailbox
from digest.delivery.message import address, fixed_headers, message_ids
from subscribers.tokens import Purpose, read, sign

SLOT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
BODY = b"--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n--x--\r\n"
LEAVE = f"https://letters.example.com/leave/{sign(Purpose.LEAVE, 'a' * 22, ['key'])}"
ONE_OF_EACH = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Precedence")
LIST_HEADERS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
# Names and subjects as people and attackers write them; lone surrogates are no text and cannot be stored.
TEXTS = st.text(st.sampled_from('ab ,;:"\\<>@()=?_.é¼€字😀👩‍👧\u202e\u05d0\u0301') | st.characters(exclude_categories=["Cs"]), max_size=150)
LINES = TEXTS.filter(lambda text: not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text))


def fixed(**given: str) -> bytes:
    values = {
        "from_name": "The Lantern Quay",
        "from_address": "letters@lanternquay.example",
        "reply_to": "editors@lanternquay.example",
        "subject": "Ferries, fog and a missing anchor",
        "list_slug": "weekly",
        "list_title": "The Lantern Quay Weekly",
        "content_type": 'multipart/alternative; boundary="x"',
        **given,
    }
    return fixed_headers(date=SLOT, **values)


def message(headers: bytes | None = None, **given: str) -> bytes:
    values = {
        "to_name": "Ann Lee",
        "to_address": "ann@example.com",
        "message_id": message_ids("weekly", SLOT, "key", "lanternquay.example")("a" * 22),
        "unsubscribe_url": LEAVE,
        "unsubscribe_mailto": "leave@lanternquay.example",
        **given,
    }
    return b"".join(address(fixed() if headers is None else headers, body=[BODY], **values))


def parsed(data: bytes) -> EmailMessage:
    read_back = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(read_back, EmailMessage)
    assert not read_back.defects
    return read_back


def lines_of(data: bytes) -> list[bytes]:
    return data.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_5_one_of_each_header_and_lines_short_enough() -> None:
    data = message(fixed(subject="Grüße " * 40), to_name="Jörg " * 30)
    read_back = parsed(data)
    assert {name: len(read_back.get_all(name, [])) for name in ONE_OF_EACH} == dict.fromkeys(ONE_OF_EACH, 1)
    assert len(read_back["To"].addresses) == 1
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert max(len(line) for line in lines_of(data) if b"<https:" not in line and b"<mailto:" not in line) <= 78


def test_fixed_part_says_who_what_and_when() -> None:
    read_back = parsed(message())
    assert (read_back["From"].addresses[0].display_name, read_back["From"].addresses[0].addr_spec) == (
        "The Lantern Quay",
        "letters@lanternquay.example",
    )
    assert (read_back["Reply-To"], read_back["Subject"]) == ("editors@lanternquay.example", "Ferries, fog and a missing anchor")
    assert read_back["Date"].datetime == SLOT
    assert read_back.get_content_type() == "multipart/alternative" and read_back.get_boundary() == "x"
    assert message().endswith(b"\r\n\r\n" + BODY)


def test_without_reply_to_there_is_no_such_header() -> None:
    assert parsed(message(fixed(reply_to="")))["Reply-To"] is None


def test_9_list_unsubscribe_is_one_https_address_and_one_mailbox() -> None:
    links = str(parsed(message())["List-Unsubscribe"])
    assert re.findall(r"<(\w+):", links) == ["https", "mailto"]
    assert f"<{LEAVE}>" in links and "=?" not in links
    assert re.search(rb"\r\nList-Unsubscribe: <https:[^\r\n>]+>,\r\n <mailto:[^\r\n>]+>\r\n", message())
    token = links.rpartition("subject=")[2].rstrip(">")
    assert read(Purpose.LEAVE, token, ["key"]) == "a" * 22


def test_9_without_a_mailbox_there_is_only_the_https_address() -> None:
    assert str(parsed(message(unsubscribe_mailto=""))["List-Unsubscribe"]) == f"<{LEAVE}>"


def test_9_what_is_not_https_is_not_promised() -> None:
    for url in ("http://letters.example.com/leave/x", "", "/leave/x", "https://letters.example.com/a b", "https://x.example/>\r\nX: y"):
        assert parsed(message(unsubscribe_url=url, unsubscribe_mailto=""))["List-Unsubscribe"] is None


def test_10_one_click_value_is_the_very_one() -> None:
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message()


def test_11_list_id_is_readable_and_stays_when_the_title_changes() -> None:
    ids = [str(parsed(message(fixed(list_title=title)))["List-Id"]) for title in ("The Lantern Quay Weekly", "Grüße, wöchentlich", "")]
    assert {re.search("<(.*)>", id_)[1] for id_ in ids} == {"weekly.lanternquay.example"}  # type: ignore[index]
    assert ids[0] == "The Lantern Quay Weekly <weekly.lanternquay.example>"
    assert all(line.isascii() for line in lines_of(message(fixed(list_title="Grüße"))))


def test_13_automatic_answers_are_asked_not_to_come() -> None:
    read_back = parsed(message())
    assert (read_back["Precedence"], read_back["X-Auto-Response-Suppress"]) == ("bulk", "OOF, AutoReply")


def test_14_no_header_twice() -> None:
    names = [line.partition(b":")[0].lower() for line in lines_of(message()) if not line.startswith(b" ")]
    assert len(names) == len(set(names))


@given(LINES, LINES, LINES)
def test_15_list_headers_are_there_whatever_the_texts(subject: str, title: str, name: str) -> None:
    read_back = parsed(message(fixed(subject=subject, list_title=title, from_name=title), to_name=name))
    assert [len(read_back.get_all(header, [])) for header in LIST_HEADERS] == [1, 1, 1]


@given(LINES.map(str.strip))
def test_subject_reads_back(subject: str) -> None:
    assert parsed(message(fixed(subject=subject)))["Subject"] == subject
    assert max(len(line) for line in fixed(subject=subject).split(b"\r\n")) <= 78


@settings(max_examples=50)
@given(TEXTS, st.sampled_from(["From", "To", "Reply-To"]))
def test_name_reads_back_and_adds_no_header(name: str, header: str) -> None:
    line = mailbox(header, name, "ann@example.com")
    read_back = parsed(line + b"\r\n")
    assert read_back.keys() == [header]
    (found,) = read_back[header].addresses
    assert found.addr_spec == "ann@example.com"
    plainly = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", name)
    # Python 3.11 puts a blank of its own between the encoded words of a name: blanks are left to the example below.
    assert "".join(found.display_name.split()) == "".join(plainly.split())
    assert max(len(part) for part in line.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "name", ["Ann", "Ann B. Lee", 'Ann "Bee" Lee', "Lee, Ann", "Ann \\ Lee", "Jörg Groß", "字" * 60, "Ann =?utf-8?q?x?= Lee", "Ann " * 30 + "Lee"]
)
def test_name_keeps_its_blanks(name: str) -> None:
    (unfolded,) = re.findall("^To: (.*)$", message(to_name=name).decode().replace("\r\n ", " ").replace("\r", ""), re.MULTILINE)
    assert str(make_header(decode_header(parseaddr(unfolded)[0]))) == name


@settings(max_examples=50)
@given(TEXTS, st.sampled_from(["subject", "content_type", "list_slug", "from_address", "reply_to"]))
def test_line_end_in_a_fixed_header_is_refused(text: str, where: str) -> None:
    for end in ("\r\n", "\n", "\r"):
        with pytest.raises(ValueError):
            fixed(**{where: f"{text}{end}Bcc: all@example.com"})


@given(TEXTS)
def test_reader_of_any_name_gets_the_same_headers(name: str) -> None:
    names = [line.partition(b":")[0] for line in lines_of(message(to_name=name)) if not line.startswith(b" ")]
    assert names == [line.partition(b":")[0] for line in lines_of(message()) if not line.startswith(b" ")]


@pytest.mark.parametrize(
    "hostile", ["ann@example.com\r\nBcc: b@example.com", "ann@example.com, bob@example.com", "<ann@example.com>", "a b@example.com"]
)
def test_hostile_address_is_refused(hostile: str) -> None:
    with pytest.raises(ValueError):
        message(to_address=hostile)


def test_address_goes_out_in_its_ascii_form() -> None:
    assert b"\r\nTo: Ann Lee <ann@xn--bcher-kva.example>\r\n" in message(to_address="ann@bücher.example")
    read_back = parsed(message(fixed(from_address="post@bücher.example")))
    assert read_back["From"].addresses[0].addr_spec == "post@xn--bcher-kva.example"
    assert str(read_back["List-Id"]).endswith("<weekly.xn--bcher-kva.example>")
    assert "To: Ann Lee <jörg@example.com>".encode() in message(to_address="jörg@example.com")


def test_longest_address_still_fits_a_line() -> None:
    longest = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".example"
    data = message(to_address=longest, to_name="Jörg " * 40)
    assert parsed(data)["To"].addresses[0].addr_spec == longest


def test_message_id_is_stable_and_tells_deliveries_apart() -> None:
    ids = {
        message_ids(newsletter, slot, key, "lanternquay.example")(reader)
        for newsletter in ("weekly", "daily")
        for slot in (SLOT, SLOT.replace(day=24))
        for reader in ("a" * 22, "b" * 22)
        for key in ("key", "other")
    }
    assert len(ids) == 16
    assert message_ids("weekly", SLOT, "key", "bücher.example")("a" * 22) == message_ids("weekly", SLOT, "key", "bücher.example")("a" * 22)
    assert all(re.fullmatch(r"<[0-9a-f]{32}\.\w+@lanternquay\.example>", one) for one in ids)
    assert "a" * 22 not in message_ids("weekly", SLOT, "key", "x.example")("a" * 22)


@given(LINES)
def test_long_plain_words_are_encoded_rather_than_too_long(text: str) -> None:
    assume(text.strip())
    line = mailbox("To", text * 3, "ann@example.com")
    assert max(len(part) for part in line.split(b"\r\n")) <= 78
