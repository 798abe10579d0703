"""Roles come from the settings, by login or display name."""

from digest.content.values import Role
from digest.settings import Source
from digest.sources.roles import role_of

SOURCE = Source(kind="wordpress", roles={"Tilda Marsh": "moderator", "editor7": "staff"})


def test_login_or_display_name_in_any_case() -> None:
    assert role_of(SOURCE, "EDITOR7", "Somebody") is Role.STAFF
    assert role_of(SOURCE, "tmarsh", "tilda marsh ") is Role.MODERATOR


def test_everyone_else_has_the_default() -> None:
    assert role_of(SOURCE, "Pim", "") is Role.READER
    assert role_of(SOURCE, "Pim", default=Role.CONTRIBUTOR) is Role.CONTRIBUTOR
    assert role_of(SOURCE, default=Role.CONTRIBUTOR) is Role.CONTRIBUTOR


def test_a_declared_reader_stays_one_even_as_an_author() -> None:
    assert role_of(Source(kind="feed", roles={"Pim": "reader"}), "Pim", default=Role.CONTRIBUTOR) is Role.READER
