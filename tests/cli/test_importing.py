"""`digest subscribers import` and `import-suppressions`: what is said before, and what is said after."""

import json
from pathlib import Path

from tests.cli.test_subscribers_commands import Digest, digest

__all__ = ["digest"]
SAMPLES = Path(__file__).parents[1] / "subscribers" / "lists" / "samples"
MAILCHIMP = SAMPLES / "subscribed_email_audience_export_4f1c.csv"


def test_dry_run_is_a_report_worth_reading(digest: Digest) -> None:
    said = digest("import", "weekly", str(MAILCHIMP), "--dry-run", "--keep", "phone number", code=3)
    for line in (
        "Recognised as an export of Mailchimp.",
        "Columns used: Email Address, First Name, Last Name, Phone Number, OPTIN_TIME, CONFIRM_TIME, TIMEZONE, TAGS.",
        "Passed over: What do you read us for?, MEMBER_RATING, OPTIN_IP,",
        "For example line 3: m•••@example.com becomes confirmed; name M••• Q•••; confirmed on 2021-05-04; Europe/Brussels;",
        "attributes tag Founding reader, tag Harbour.",
        "line 5: ",
        "3 rows: 2 would be added, 1 wrong.",
    ):
        assert line in said
    assert "mara" not in said.lower()
    assert json.loads(digest("list", "--json")) == []


def test_import_says_the_counts_and_what_the_file_leaves_out(digest: Digest) -> None:
    said = digest("import", "weekly", str(SAMPLES / "buttondown.csv"), code=3)
    assert "Recognised as an export of Buttondown." in said
    assert "line 7: its state there is “paused”: not taken in" in said
    assert "6 rows: 3 added (1 pending, 1 as having left), 2 suppressed (the file says they bounced, complained or are blocked), 1 wrong." in said
    assert "--state unsubscribed" in digest("import", "weekly", str(SAMPLES / "listmonk.csv"), code=3)


def test_json_has_columns_counts_problems_and_an_example(digest: Digest) -> None:
    told = json.loads(digest("import", "weekly", str(MAILCHIMP), "--json", code=3))
    assert (told["format"], told["read"], told["added"], told["wrong"], told["dry_run"]) == ("mailchimp", 3, 2, 1, False)
    assert told["problems"][0]["line"] == 5 and "TAGS" in told["used"] and "LEID" in told["passed_over"]
    assert told["example"]["address"] == "m•••@example.com" and told["example"]["becomes"] == "confirmed"


def test_list_made_by_hand_is_taken_in_without_many_words(digest: Digest, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text("email,name,town\nann@example.com,Ann [x],Pellowick\n")
    said = digest("import", "weekly", str(file), "--dry-run")
    assert said.startswith("A plain list of people.\nColumns used: email, name.\nPassed over: town.")
    assert digest("import", "weekly", str(file)) == "1 rows: 1 added.\n"
    assert digest("import", "weekly", str(file), "--state", "unsubscribed") == "1 rows: 0 added, 1 ended (the file says they left).\n"


def test_format_can_be_forced_and_a_column_that_is_not_there_is_named(digest: Digest) -> None:
    assert "A plain list" in digest("import", "weekly", str(SAMPLES / "ghost.csv"), "--as", "plain", "--dry-run")
    said = digest("import", "weekly", str(SAMPLES / "ghost.csv"), "--keep", "town", code=1)
    assert "There is no column “town” to keep; there are id, email, name" in said


def test_many_problems_are_cut_short(digest: Digest, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text("email\n" + "broken\n" * 60)
    assert "and 10 more: --json lists them all" in digest("import", "weekly", str(file), code=3)
    assert len(json.loads(digest("import", "weekly", str(file), "--json", code=3))["problems"]) == 60


def test_suppressions_come_along(digest: Digest, tmp_path: Path) -> None:
    file = tmp_path / "blocked.csv"
    file.write_text("ann@example.com\nann@example.com\n" + "0f" * 32 + "\n")
    assert "3 rows: 1 would be suppressed, 1 twice in the file, 1 wrong." in digest("import-suppressions", str(file), "--dry-run", code=3)
    said = digest("import-suppressions", str(file), "--reason", "complaint", code=3)
    assert "line 3: this is a hash, not an address" in said and "1 suppressed" in said
    told = json.loads(digest("import-suppressions", str(file), "--json", code=3))
    assert (told["read"], told["added"], told["already"]) == (3, 0, 1)
    assert "Suppressed (complaint)" in digest("suppress", "ann@example.com", "--reason", "complaint")
