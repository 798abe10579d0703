"""The editors' whole way in a real browser, with the real command: from the link that opens the desk to the mails that readers get."""

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.letterbox import Letterbox
from tests.journeys.newsroom import EDITION, WAIT, AtTheDesk, AtTheGlass, AtTheMouse, KeysOnly, Newsroom, newsroom, stocked
from tests.journeys.paper import READERS, SLOT, serving
from tests.journeys.person import WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PIE, CLOCK, FERRY, FLAMINGO = "A fish pie that forgives you", "keep the town clock", "The Wren comes home", "rescue a flamingo"
MATCH = "Match abandoned at"  # a story that nobody commented: its title is there once
COMMENT = "Pleased for the island, but can we see the sums before we cheer?"
ELSPETH, SALMA = "elspeth.anning@example.com", "salma@example.com"  # one reads English, the other Arabic
SUBJECT = "A pie, a clock and a ferry"
PHONES = '[data-live="frame 1"]', '[data-live="frame 2"]'  # one in light, one in dark
DESKTOP = {"viewport": {"width": 1280, "height": 1000}}
PHONE = {"viewport": {"width": 360, "height": 800}, "has_touch": True, "is_mobile": True}
OWN = (
    rb"(?m)^(To|Message-ID|List-Unsubscribe): .*",
    rb"(?ms)^Hello.*?,=\r\n",
    rb"(?m)^[^\s@]+@[^\s@]+=\r\n",
    rb"https://weekly\.thelanternquay\.example/(leave|preferences|view)/(?:[\w./-]|=\r\n(?=[\w./-]))+",
)
POST = """address => {
  const csrf = document.querySelector('[name=csrf]').value;
  return fetch(address, {method: 'POST', body: new URLSearchParams({csrf, seen: 9})}).then(answer => answer.status);
}"""
PAGES = (
    "/",
    "/editions",
    "/sources",
    EDITION,
    *(f"{EDITION}/{tab}" for tab in ("content", "why", "weights", "checks", "history", "send-now")),
    "/readers",
    "/themes",
    "/themes/letter",
    "/themes/letter/file?name=heading.html",
    "/log",
    "/editors",
    "/me",
    "/nothing",
)

expect = pytest.importorskip("playwright.sync_api", reason="the group “browser” is not installed").expect
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("stocked") / "paper")


@pytest.fixture
def letterbox() -> Iterator[Letterbox]:
    with serving(Letterbox()) as box:
        yield box


@pytest.fixture
def room(store: Path, tmp_path: Path, letterbox: Letterbox, browser: "Browser") -> Iterator[Newsroom]:
    """Opened by the link that works once."""
    with newsroom(store, tmp_path, letterbox, browser) as made:
        yield made


@pytest.fixture
def shared(store: Path, tmp_path: Path, letterbox: Letterbox, browser: "Browser") -> Iterator[Newsroom]:
    """Where editors sign in."""
    with newsroom(store, tmp_path, letterbox, browser, shared=True) as made:
        yield made


def shown(page: "Page", frame: str, *titles: str) -> None:
    """Waits until the frame has these headings, in this order."""
    expect(page.frame_locator(frame).get_by_role("heading")).to_contain_text([*titles])


def quoted(page: "Page", frame: str, *, yes: bool = True) -> None:
    """Waits until the comment stands among the stories, and not only after them."""
    body = expect(page.frame_locator(frame).locator("body"))
    (body.to_contain_text if yes else body.not_to_contain_text)(re.compile(f"{re.escape(COMMENT)}.*{MATCH}", re.DOTALL))


def quote(person: AtTheDesk) -> None:
    """Picks the comment among those that are offered."""
    person.page.locator("#dialog[open]").wait_for()
    person.use(f"#{person.page.locator('#dialog li', has_text=COMMENT).get_by_role('button').get_attribute('id')}")
    person.told("You chose")


def previewed(room: Newsroom, reader: str) -> bytes:
    """The reader's own mail, by the command."""
    room.paper.run("preview", "weekly", "--at", SLOT, "--reader", reader, "--eml", "theirs.eml")
    return (room.paper.folder / "theirs.eml").read_bytes()


def undated(mail: bytes) -> bytes:
    return re.sub(rb"(?m)^Date: .*", b"Date:", mail, count=1)


def bare(mail: bytes) -> bytes:
    """Without what is one reader's alone: four headers, the greeting, the address it was sent to, and links."""
    for own in OWN:
        mail, found = re.subn(own, b"(theirs)", mail)
        assert found
    return undated(mail)


def test_by_keyboard_from_the_link_to_the_readers(room: Newsroom, letterbox: Letterbox) -> None:
    with room.somebody(KeysOnly) as ana:
        ana.go(room.link)
        ana.press(f'a[href$="{EDITION}"]')
        beside = ana.page.context.new_page()  # lies open, and nobody touches it
        beside.goto(f"{room.root}{EDITION}?device=phone&colours=both")
        for frame in PHONES:
            shown(beside, frame, FERRY, FLAMINGO, CLOCK, PIE)
            quoted(beside, frame, yes=False)
        ana.press(f'.tabs a[href$="{EDITION}/content"]')
        ferry, _, clock, pie, *_ = ana.order()

        ana.walk_to(clock)
        ana.page.keyboard.press("ArrowUp")
        ana.stands(clock, 1)
        ana.walk_to(pie)
        ana.page.keyboard.press("l")
        ana.stands(pie, 0)
        for frame in PHONES:
            shown(beside, frame, PIE, CLOCK, FLAMINGO)
        ana.walk_to(ferry)
        ana.page.keyboard.press("q")
        quote(ana)
        for frame in PHONES:
            quoted(beside, frame)
        ana.fill("#subject", SUBJECT)
        ana.page.keyboard.press("Enter")
        ana.told("You set the subject")
        expect(beside.locator(".subject")).to_have_text(SUBJECT)

        ana.press(f'.tabs a[href$="{EDITION}"]')
        ana.press("#decide-approve")
        expect(ana.page.get_by_role("status").filter(has_text="Approved.")).to_be_visible()
        expect(beside.locator(".edition-head .badge")).to_have_text("Approved")
        ana.press('.subtabs a[href$="part=source"]')
        sample, *before = ana.save("a[download]"), previewed(room, ELSPETH), previewed(room, SALMA)
        assert letterbox.taken == 0
        ana.press(f'.decide a[href$="{EDITION}/send-now"]')
        ana.press("#send-now")
        expect(ana.page.get_by_role("status").filter(has_text="It goes out now.")).to_be_visible()
        mails = letterbox.all(READERS)
        expect(beside.locator(".edition-head .badge")).to_have_text("Sent")

        assert mails[ELSPETH] == previewed(room, ELSPETH)
        assert [undated(mails[ELSPETH]), undated(mails[SALMA])] == [undated(mail) for mail in before]
        english = [mail for mail in mails.values() if b"\r\nHello" in mail]
        assert len(english) > READERS / 2
        assert {bare(mail) for mail in english} == {bare(sample)}
        opened = [email.message_from_bytes(mail, policy=email.policy.default) for mail in mails.values()]
        assert {mail["Subject"] for mail in opened} == {SUBJECT}
        assert len({mail["Date"] for mail in opened}) == 1


@pytest.mark.parametrize("kind, window", [(AtTheMouse, DESKTOP), (AtTheGlass, PHONE)], ids=["mouse", "finger"])
def test_by_mouse_and_by_finger(room: Newsroom, kind: type[AtTheMouse], window: dict[str, object]) -> None:
    with room.somebody(kind, **window) as ben:
        ben.go(room.link)
        ben.press(f'h2 a[href$="{EDITION}"]')
        ben.press(f'.tabs a[href$="{EDITION}/content"]')
        shown(ben.page, "#phone", FERRY, FLAMINGO, CLOCK, PIE)
        ferry, flamingo, clock, pie, *_ = ben.order()

        ben.drag(clock, flamingo)
        ben.stands(clock, 1)
        ben.use(f"#lead-{pie}")
        ben.stands(pie, 0)
        ben.use(f"#quote-{ferry}")
        quote(ben)
        ben.fill("#subject", SUBJECT)
        ben.use("#keep-subject")
        ben.told("You set the subject")

        for dark in (False, True):
            ben.page.locator("#dark").set_checked(dark)
            expect(ben.page.locator("#phone")).to_have_attribute("src", re.compile("colours=dark$" if dark else r"v=\w+$"))
            shown(ben.page, "#phone", PIE, CLOCK, FLAMINGO)
            quoted(ben.page, "#phone")
        ben.press(f'.tabs a[href$="{EDITION}"]')
        expect(ben.page.locator(".subject")).to_have_text(SUBJECT)
        assert ben.page.evaluate(WIDE) == 0


def test_two_editors_never_overwrite_each_other_silently(shared: Newsroom) -> None:
    with shared.somebody(KeysOnly) as ana, shared.somebody(KeysOnly) as ben:
        for person, name in ((ana, "Ana"), (ben, "Ben")):
            person.go(f"{shared.root}{EDITION}/content")
            person.sign_in(name)
        *_, last = ana.order()
        ben.fill("#subject", "What Ben is writing")
        ana.fill("#subject", "What Ana thought of")
        ana.page.keyboard.press("Enter")
        ana.told("You set the subject")
        expect(ben.page.locator("#subject")).to_have_value("What Ben is writing")

        ben.page.keyboard.press("Enter")
        conflict = ben.page.locator("#conflict")
        expect(conflict).to_be_focused()
        for words in ("Ana", "What Ana thought of", "What Ben is writing"):
            expect(conflict).to_contain_text(words)
        ben.look_over("two at once")
        expect(ana.page.locator("#subject")).to_have_value("What Ana thought of")
        ben.press("#mine-too")
        expect(ben.page.locator("#subject")).to_have_value("What Ben is writing")
        expect(ana.page.locator("#subject")).to_have_value("What Ben is writing")

        ana.walk_to(last)
        ana.page.keyboard.press("l")
        ben.stands(last, 0)
        ana.press(f'.tabs a[href$="{EDITION}/history"]')
        history = ana.page.locator("main")
        for words in ("Ana", "What Ana thought of", "Ben", "What Ben is writing"):
            expect(history).to_contain_text(words)


def test_a_writer_cannot_approve_and_a_publisher_can(shared: Newsroom, letterbox: Letterbox) -> None:
    with shared.somebody(KeysOnly) as carl, shared.somebody(KeysOnly) as ben:
        carl.go(f"{shared.root}{EDITION}/content")
        carl.sign_in("Carl")
        _, first, *_ = carl.order()
        carl.walk_to(first)
        carl.page.keyboard.press("l")
        carl.stands(first, 0)
        assert carl.page.locator('[formaction$="/approve"], [href$="/send-now"]').count() == 0
        for deed in ("approve", "send-now", "hold", "cancel"):
            assert carl.page.evaluate(POST, f"{EDITION}/{deed}") == 403
        carl.go(f"{shared.root}{EDITION}/send-now")
        expect(carl.page.locator("main")).to_contain_text("takes a publisher")

        ben.go(f"{shared.root}{EDITION}")
        ben.sign_in("Ben")
        expect(ben.page.locator(".edition-head .badge")).to_have_text("Draft")
        ben.press("#decide-approve")
        expect(ben.page.locator(".edition-head .badge")).to_have_text("Approved")
        assert letterbox.taken == 0


def test_every_page_is_fit_for_everybody(shared: Newsroom) -> None:
    with shared.somebody() as ana:
        ana.go(f"{shared.root}/")
        ana.look_over("/sign-in")
        ana.sign_in("Ana")
        for path in PAGES:
            ana.go(shared.root + path)
            ana.page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
            ana.look_over(path)
