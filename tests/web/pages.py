"""What a test reads from a page as a person would: its heading, its forms."""

from html.parser import HTMLParser

from starlette.testclient import TestClient

Fields = dict[str, str]
Filled = dict[str, list[str]]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heading = ""
        self.forms: dict[str, Fields] = {}
        self._form: Fields | None = None
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms.setdefault(given["action"], {})
        elif tag == "input" and self._form is not None and given.get("type") == "hidden":
            self._form[given["name"]] = given["value"]
        self._in_heading = self._in_heading or tag == "h1"

    def handle_endtag(self, tag: str) -> None:
        self._in_heading = self._in_heading and tag != "h1"
        self._form = None if tag == "form" else self._form

    def handle_data(self, data: str) -> None:
        self.heading += data if self._in_heading else ""


def heading(html: str) -> str:
    page = _Page()
    page.feed(html)
    return page.heading.strip()


def forms(html: str) -> dict[str, Fields]:
    """The forms of a page: where each is sent, with its hidden fields."""
    page = _Page()
    page.feed(html)
    return page.forms


class _Filled(HTMLParser):
    """Reads the first form as a browser sends it when nobody touches it."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Filled = {}
        self._selects: list[str] = []
        self._forms = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._forms += tag == "form"
        if self._forms != 1:
            return
        if tag == "select":
            self._selects.append(given["name"])
        elif tag == "option" and (given["value"] == "" or "selected" in given):
            self.fields[self._selects[-1]] = [given["value"]]
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.setdefault(given["name"], []).append(given.get("value", ""))


def filled(html: str) -> Filled:
    page = _Filled()
    page.feed(html)
    return page.fields


def press(client: TestClient, html: str, ending: str = "", **chosen: str) -> str:
    """Presses the button of the form whose address ends so; the page that follows."""
    ((action, fields),) = [(action, fields) for action, fields in forms(html).items() if action.endswith(ending)]
    answer = client.post(action, data={**fields, **chosen})
    assert answer.status_code == 200
    return answer.text
