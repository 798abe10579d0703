from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from digest.content.values import CommentState, Image, Role, Snapshot
from digest.editions.compose import compose
from digest.editions.stories import initials
from digest.editions.values import Edition, Place, Quote
from digest.newsletter import Newsletter
from tests.editions.snapshots import CUTOFF, SITE, STORY, article, author, chosen, comment, letters, newsletter, picked, snapshots
from tests.editions.test_choose import SECOND, THIRD

BODY = "The ferry has come home. " + "It lay on the northern rocks for forty winters and nobody thought that it would float again. " * 8


def edition(snapshot: Snapshot, letter: Newsletter | None = None, **given: Any) -> Edition:
    letter = letter or newsletter()
    names = {"publication_name": "The Harbour Post", "site_url": f"https://www.{SITE}", **given}
    return compose(chosen(snapshot, letter), snapshot, letter, slot=CUTOFF, **names)


def quotes_of(made: Edition) -> list[Quote]:
    return [story.quote for story in made.stories if story.quote] + [*made.top_comments, *made.recent_comments]


def test_a_story_shows_what_is_stored() -> None:
    picture = Image(url=f"https://{SITE}/ferry.jpg", alt="A ferry", width=1200, height=800)
    stored = article(1, title="The ferry", text=BODY, section="Sea", author=author(3, "Ada Quay", Role.STAFF), image=picture, comment_count=12)
    story = edition(Snapshot(articles=(stored,), comments=(comment(1),))).lead
    assert story is not None
    assert (story.title, story.url, story.section, story.author, story.role) == ("The ferry", stored.url, "Sea", "Ada Quay", Role.STAFF)
    assert (story.image, story.comment_count, story.comments_url, story.published_at) == (picture, 12, stored.comments_url, stored.published_at)
    assert story.excerpt.startswith("The ferry has come home.")
    assert story.excerpt.endswith(" …")
    assert len(story.excerpt.split()) <= 81


def test_the_authors_own_summary_goes_before_the_body_but_a_program_s_does_not() -> None:
    def excerpt(given: str) -> str:
        lead = edition(Snapshot(articles=(article(1, excerpt=given, text="The body itself."),))).lead
        assert lead is not None
        return lead.excerpt

    assert excerpt("<p>In <b>short</b>.</p>") == "In short."
    assert excerpt("<p>The bo […]</p>") == "The body itself."
    assert excerpt("") == "The body itself."


def test_an_article_without_title_is_named_by_its_first_words() -> None:
    made = edition(Snapshot(articles=(article(1, title=" ", text="Fog over the harbour again."),)))
    assert made.lead is not None
    assert made.lead.title == "Fog over the harbour again."


def test_a_quote_is_unaltered_and_says_where_it_comes_from() -> None:
    long = comment(2, text=f"{STORY}\n\n{SECOND}", parent_id=1, votes_up=7, author_name="Ben  Oar", avatar=f"https://cdn.{SITE}/ben.png")
    answer = comment(3, parent_id=2, role=Role.MODERATOR, text="We asked the builder, and the heater was never meant to work.")
    made = edition(Snapshot(articles=(article(1),), comments=(comment(1, text=THIRD, votes_up=None), long, answer)))
    assert made.lead is not None
    quote = made.lead.quote
    assert quote is not None
    assert (quote.comment_id, quote.author, quote.likes, quote.url) == (2, "Ben  Oar", 7, f"https://{SITE}/1/#comment-2")
    assert (quote.avatar, quote.initials) == (f"https://cdn.{SITE}/ben.png", "BO")
    assert quote.cut
    assert long.text.startswith(quote.text)
    assert len(quote.text.split()) <= 60
    assert quote.parent is not None
    assert (quote.parent.author, quote.parent.cut) == ("Reader 1", True)
    assert THIRD.startswith(quote.parent.text)
    assert len(quote.parent.text.split()) <= 20
    assert quote.reply is not None
    assert (quote.reply.comment_id, quote.reply.role, quote.reply.parent) == (3, Role.MODERATOR, None)


def test_likes_are_none_where_the_site_has_no_votes_and_pictures_come_from_the_site_alone() -> None:
    plain = comment(1, votes_up=None, avatar="https://avatars.example/1.png", permalink="")
    quote = quotes_of(edition(Snapshot(articles=(article(1),), comments=(plain,))))[0]
    assert (quote.likes, quote.dislikes, quote.avatar) == (None, None, "")
    assert quote.url == quote.thread_url == f"https://{SITE}/1/#comments"
    near = comment(1, avatar=f"https://{SITE}.evil.example/1.png")
    assert quotes_of(edition(Snapshot(articles=(article(1),), comments=(near,))))[0].avatar == ""


@pytest.mark.parametrize(("name", "short"), [("Ada Lovelace", "AL"), ("eve", "E"), ("Jo de Quay", "JQ"), ("😀", "?"), ("", "?"), ("日本", "日")])
def test_initials(name: str, short: str) -> None:
    assert initials(name) == short


def test_recent_comments_are_short_and_top_ones_longer() -> None:
    said = (comment(1, 9), comment(2, 9, text=SECOND), comment(3, 9, text=THIRD, hours=1))
    letter = newsletter(limits={"top_comments": 1})
    made = edition(Snapshot(articles=(article(1),), others=(article(9, hours=200),), comments=said), letter)
    assert 20 < len(made.top_comments[0].text.split()) <= 60
    assert all(len(quote.text.split()) <= 20 for quote in made.recent_comments)
    assert made.recent_comments[0].comment_id in (2, 3)


def test_people_are_those_who_wrote_and_the_house_that_commented() -> None:
    writer = author(3, "Ada Quay", Role.READER)  # not declared, but who writes is a contributor
    said = (
        comment(1, author_id=3, author_name="Ada Quay"),
        comment(2, role=Role.MODERATOR, author_name="Mod Mast", text="Kindly now."),
        comment(3, author_name="Passer-by", text=SECOND),
        comment(4, role=Role.STAFF, author_name="Old Hand", hours=24 * 8, text=THIRD),
    )
    made = edition(Snapshot(articles=(article(1, author=writer), article(2, author=writer), article(3, hours=300)), comments=said))
    assert [(one.name, one.role, one.articles, one.comments) for one in made.people] == [
        ("Ada Quay", Role.CONTRIBUTOR, 2, 1),
        ("Mod Mast", Role.MODERATOR, 0, 1),
    ]


def test_the_liveliest_threads_are_linked() -> None:
    made = edition(Snapshot(articles=(article(1, comment_count=3), article(2, comment_count=40), article(3))))
    assert [(link.article_id, link.url) for link in made.join] == [(2, f"https://{SITE}/2/#comments"), (1, f"https://{SITE}/1/#comments")]
    assert made.join_counts == (40, 3)


def test_the_sponsor_is_shown_on_its_days_in_the_newsletters_own_zone() -> None:
    def sponsored(**given: object) -> bool:
        paid = {"title": "Rope & Co", "text": "Rope.", "url": "https://rope.example", **given}
        return edition(Snapshot(articles=(article(1),)), newsletter(sponsor=paid, time_zone="Pacific/Auckland")).sponsor is not None

    today = date(2026, 11, 23)  # 20:00 in Auckland
    assert sponsored()
    assert sponsored(**{"from": today, "until": today})
    assert not sponsored(**{"from": today + timedelta(days=1)})
    assert not sponsored(until=today - timedelta(days=1))


def test_the_sponsor_and_commenters_never_stand_in_the_subject() -> None:
    paid = {"title": "Ferry", "text": "Sail.", "url": "https://ferry.example"}
    made = edition(Snapshot(articles=(article(1, title="The ferry comes home"),)), newsletter(sponsor=paid))
    assert "ferry" not in made.subject.casefold()


def test_blocks_are_the_newsletters_own_that_have_something_to_show() -> None:
    snapshot = Snapshot(articles=(article(1, section="Sea"), article(2, section="Sea")), comments=(comment(1),))
    made = edition(snapshot, newsletter(blocks=["top_comments", "sections", "introduction"], introduction="Hello.\n\n \nAgain."))
    assert made.blocks == ("sections", "introduction")
    assert made.introduction == ("Hello.", "Again.")
    assert made.lead is None
    assert [[story.article_id for story in section.stories] for section in made.sections] == [[1, 2]]
    assert (made.people, made.join, made.join_counts, made.recent_comments) == ((), (), (), ())


def test_sections_keep_the_choices_order() -> None:
    stored = tuple(
        article(number, section=section, votes=votes) for number, section, votes in [(1, "A", 90), (2, "B", 40), (3, "C", 30), (4, "B", 20)]
    )
    made = edition(Snapshot(articles=stored), newsletter(sections=["C"]))
    assert [(section.title, [story.article_id for story in section.stories]) for section in made.sections] == [("C", [3]), ("B", [2, 4])]
    assert {story.article_id: story.rank for story in made.stories} == {1: 0, 2: 1, 3: 2, 4: 3}


def test_what_fell_since_the_choice_is_left_out() -> None:
    said = comment(1)
    before = Snapshot(articles=(article(1), article(2)), comments=(said,))
    choice = chosen(before)
    assert picked(choice, Place.QUOTE)
    after = Snapshot(articles=(article(1),), comments=(comment(1, state=CommentState.HELD),))
    made = compose(choice, after, newsletter(), slot=CUTOFF, publication_name="Post", site_url="")
    assert [story.article_id for story in made.stories] == [1]
    assert quotes_of(made) == []


def test_an_article_that_came_back_says_so() -> None:
    talk = tuple(comment(number, 9, text=f"{THIRD} {number}") for number in range(1, 13))
    made = edition(Snapshot(articles=(article(1),), others=(article(9, hours=200),), comments=talk, sent={9: 2}, considered=frozenset({9})))
    assert {story.article_id: story.discussed for story in made.stories} == {1: False, 9: True}


def test_duplicates_are_linked_under_their_story() -> None:
    pair = article(1, title="Old ferry returns", hours=30), article(2, title="Old ferry returns")
    made = edition(Snapshot(articles=pair))
    assert made.lead is not None
    assert [(link.article_id, link.title) for link in made.lead.also] == [(2, "Old ferry returns")]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(snapshots(), letters)
def test_every_quote_is_the_stored_text_up_to_the_cut(snapshot: Snapshot, letter: Newsletter) -> None:
    stored = {one.id: one for one in snapshot.comments}
    made = edition(snapshot, letter)
    for quote in quotes_of(made):
        for shown in [quote, *([quote.reply] if quote.reply else [])]:
            text = "\n".join(" ".join(line.split()) for line in stored[shown.comment_id].text.split("\n")).strip()
            assert shown.text == text if not shown.cut else text.startswith(shown.text)
            assert shown.author == stored[shown.comment_id].author_name
    assert made == edition(snapshot, letter)
