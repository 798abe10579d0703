from datetime import date, timedelta

import pytest

from digest.content.values import CommentState, Role, Snapshot
from digest.editions.choose import choose
from digest.editions.passed import NAMED
from digest.editions.values import Choice, Kind, Place
from tests.editions.snapshots import (
    CUTOFF,
    SITE,
    START,
    STORY,
    article,
    article_ids,
    author,
    chosen,
    comment,
    everything,
    newsletter,
    picked,
    why_not,
)

SECOND = (
    "We rented one on the island in the summer of 2009, and the brakes failed on the hill above the quay because nobody had told us about "
    "the cable. A fisherman stopped us with his van, which is how I met my husband, so I can not be angry about it any more."
)
THIRD = (
    "For what it is worth, the paper of the harbour board gives other figures: traffic fell by 12 % in the first year, however it rose again "
    "once the second ferry ran, and the data since then show no effect at all."
)

QUOTES_ONLY = newsletter(limits={"top_comments": 0, "recent_comments": 0, "reserves": 0})


def quotes(choice: Choice) -> dict[int, int]:
    return {pick.article_id: pick.id for pick in picked(choice, Place.QUOTE)}


def test_the_lead_comes_first_and_each_article_is_followed_by_its_quote() -> None:
    snapshot = Snapshot(articles=(article(1, section="Sea"), article(2, section="Town")), comments=(comment(1, 2), comment(2, 1, text=SECOND)))
    places = [(pick.place, pick.id) for pick in chosen(snapshot).picks]
    assert places == [(Place.LEAD, 1), (Place.QUOTE, 2), (Place.SECTION, 2), (Place.QUOTE, 1)]


def test_sections_stand_in_the_newsletters_order_then_by_their_best() -> None:
    found = tuple(article(number, section=section, votes=votes) for number, section, votes in [(1, "A", 90), (2, "B", 40), (3, "C", 30), (4, "D", 5)])
    choice = chosen(Snapshot(articles=found), newsletter(sections=["D", "c"]))
    assert article_ids(choice) == [1, 4, 3, 2]


def test_no_comment_is_a_legal_answer() -> None:
    choice = chosen(Snapshot(articles=(article(1),), comments=(comment(1, text="It floats like a brick."),)), QUOTES_ONLY)
    assert quotes(choice) == {}
    assert why_not(choice, Kind.COMMENT, 1).startswith("text score 0.")


def test_one_comment_a_person_in_the_whole_edition() -> None:
    said = (comment(1, 1, author_name="Ada"), comment(2, 2, author_name="ada", text=SECOND), comment(3, 2, text=THIRD, hours=1))
    choice = chosen(Snapshot(articles=(article(1, votes=90), article(2, votes=0)), comments=said), QUOTES_ONLY)
    assert quotes(choice) == {1: 1, 2: 3}
    assert why_not(choice, Kind.COMMENT, 2) == "its writer has another comment in this edition"


def test_what_says_the_same_as_the_excerpt_or_another_quote_is_left_out() -> None:
    again = comment(2, 2, text=STORY.replace("children", "cousins"))
    echo = comment(3, 3, text=THIRD)
    articles = (article(1, votes=90), article(2, votes=0), article(3, votes=0, excerpt=f"<p>{THIRD}</p>"))
    choice = chosen(Snapshot(articles=articles, comments=(comment(1, 1), again, echo)), QUOTES_ONLY)
    assert quotes(choice) == {1: 1}
    assert why_not(choice, Kind.COMMENT, 2) == "says what another comment in this edition says"
    assert why_not(choice, Kind.COMMENT, 3) == "says what the article’s excerpt says"


def test_a_comment_is_never_quoted_twice() -> None:
    snapshot = Snapshot(articles=(article(1),), comments=(comment(1),), quoted=frozenset({1}))
    choice = chosen(snapshot)
    assert not [pick for pick in choice.picks if pick.kind is Kind.COMMENT]
    assert why_not(choice, Kind.COMMENT, 1) == "already quoted in an earlier edition"


def test_what_was_quoted_before_says_so_even_under_an_article_without_a_place() -> None:
    snapshot = Snapshot(articles=(article(1), article(2, hours=30)), comments=(comment(1, 1), comment(2, 2, text=SECOND)), quoted=frozenset({2}))
    choice = chosen(snapshot, newsletter(limits={"articles": 1, "reserves": 0, "top_comments": 0, "recent_comments": 0}))
    assert why_not(choice, Kind.COMMENT, 2) == "already quoted in an earlier edition"


def test_an_editors_pick_outranks_every_score() -> None:
    said = (comment(1, votes_up=40), comment(2, text="Ha, quite so.", featured=True))
    choice = chosen(Snapshot(articles=(article(1),), comments=said))
    assert quotes(choice) == {1: 2}
    assert picked(choice, Place.QUOTE)[0].note == "picked by an editor"


def test_a_good_staff_reply_makes_an_exchange() -> None:
    said = (
        comment(1),
        comment(2, parent_id=1, role=Role.STAFF, text="We asked the builder, and the heater was never meant to work."),
        comment(3, parent_id=1, role=Role.STAFF, text="Ta."),
    )
    choice = chosen(Snapshot(articles=(article(1),), comments=said))
    assert [(pick.id, pick.reply_id) for pick in picked(choice, Place.QUOTE)] == [(1, 2)]
    assert 2 not in {pick.id for pick in choice.picks}


def test_the_weeks_blocks_take_in_the_talk_under_older_articles() -> None:
    older = article(7, hours=24 * 20)
    said = (comment(1, 7), comment(2, 7, hours=24 * 8, text=SECOND), comment(3, 7, text="Short and new.", hours=1))
    choice = chosen(Snapshot(articles=(article(1),), others=(older,), comments=said))
    assert [pick.id for pick in picked(choice, Place.TOP)] == [1]
    assert [pick.id for pick in picked(choice, Place.RECENT)] == [3]
    assert article_ids(choice) == [1]


def test_top_comments_prefer_another_article_and_recent_ones_go_by_time() -> None:
    said = (
        *(comment(number, 7, text=text) for number, text in enumerate((STORY, SECOND), 1)),
        comment(3, 8, text=THIRD),
        comment(4, 8, text="I waved.", hours=3),
        comment(5, 8, text="You idiot, nobody cares.", hours=2),
        comment(6, 7, text="So did we all.", hours=5),
    )
    letter = newsletter(limits={"top_comments": 2, "recent_comments": 2, "reserves": 0})
    choice = chosen(Snapshot(articles=(article(1),), others=(article(7, hours=300), article(8, hours=300)), comments=said), letter)
    assert {pick.article_id for pick in picked(choice, Place.TOP)} == {7, 8}
    assert [pick.id for pick in picked(choice, Place.RECENT)] == [4, 6]
    assert why_not(choice, Kind.COMMENT, 5) == "holds an insult"


def test_blocks_a_newsletter_does_not_show_use_nothing_up() -> None:
    snapshot = Snapshot(articles=(article(1),), others=(article(7, hours=300),), comments=(comment(1, 7),))
    choice = chosen(snapshot, newsletter(blocks=["lead", "sections"], limits={"reserves": 0}))
    assert [pick.id for pick in choice.picks] == [1]


def test_comments_of_articles_that_are_not_shown_are_not_shown_either() -> None:
    hidden = article(2, tags=("sponsored",))
    choice = chosen(Snapshot(articles=(article(1), hidden), comments=(comment(1, 2, votes_up=50),)))
    assert why_not(choice, Kind.COMMENT, 1) == "its article is not shown: a sponsored article: these have a slot of their own"


def test_duplicates_are_named_under_the_one_that_stands_for_them() -> None:
    first, second = article(1, title="Old ferry returns", hours=30), article(2, title="Old ferry returns")
    choice = chosen(Snapshot(articles=(second, first)))
    assert [(pick.id, pick.also) for pick in picked(choice, Place.LEAD)] == [(1, (2,))]
    assert why_not(choice, Kind.ARTICLE, 2) == "the same as article 1"
    assert choice.new_articles == 1
    assert choice.considered == (1, 2)


def test_too_few_new_articles_are_no_edition_unless_asked_for() -> None:
    snapshot = Snapshot(articles=(article(1), article(2)))
    few = chosen(snapshot, allow_few=False)
    assert not few.enough
    assert few.notes == ("2 new articles: at least 3 are needed for an edition.",)
    assert chosen(snapshot, allow_few=True).enough
    assert not chosen(Snapshot(), allow_few=True).enough
    assert not chosen(Snapshot(), newsletter(limits={"min_new": 0}), allow_few=False).enough


def test_what_had_its_turn_is_out() -> None:
    snapshot = Snapshot(
        articles=(article(1), article(2), article(3, url="http://www.harbour.example/9"), article(4)),
        others=(article(9, hours=200),),
        considered=frozenset({1, 2, 9}),
        sent={2: 0, 9: 3},
    )
    choice = chosen(snapshot)
    assert article_ids(choice) == [4]
    assert why_not(choice, Kind.ARTICLE, 1) == "had its turn in an earlier edition"
    assert why_not(choice, Kind.ARTICLE, 2) == "was in an earlier edition: 0 comments since, 10 bring it back"
    assert why_not(choice, Kind.ARTICLE, 3) == "has the address of an article that was in an earlier edition"


@pytest.mark.parametrize(("then", "now", "back"), [(2, 12, True), (2, 11, False), (15, 30, True), (15, 29, False)])
def test_a_sent_article_comes_back_when_the_talk_went_on(then: int, now: int, back: bool) -> None:
    said = tuple(comment(number, 9) for number in range(1, now + 1))
    snapshot = Snapshot(articles=(article(1),), others=(article(9, hours=200),), comments=said, sent={9: then}, considered=frozenset({9}))
    choice = chosen(snapshot)
    assert (9 in article_ids(choice)) is back
    assert choice.new_articles == 1
    assert not back or picked(choice, Place.LEAD)[0].note == "still being discussed"


def test_articles_that_wait_are_not_used_up() -> None:
    choice = chosen(Snapshot(articles=(article(1), article(2, hours=0.1), article(3, hours=-2))))
    assert choice.considered == (1,)


def test_the_pin_leads_until_its_last_day() -> None:
    snapshot = Snapshot(articles=(article(1, votes=50), article(2)))

    def pinned(url: str, until: date) -> Choice:
        return chosen(snapshot, newsletter(articles={"pin": url, "pin_until": until}))

    assert article_ids(pinned("http://www.harbour.example/2", CUTOFF.date())) == [2, 1]
    ended = pinned("https://harbour.example/2/", CUTOFF.date() - timedelta(days=1))
    assert article_ids(ended) == [1, 2]
    assert ended.notes == ("The pin https://harbour.example/2/ has run out and can be taken out of the settings.",)
    assert pinned("https://harbour.example/5", CUTOFF.date()).notes == (
        "The pinned article https://harbour.example/5 is not among those that may go in.",
    )


def test_reserves_are_kept_for_articles_comments_and_quotes() -> None:
    letter = newsletter(limits={"articles": 1, "top_comments": 0, "recent_comments": 0, "reserves": 1})
    said = (comment(1, 1, votes_up=20), comment(2, 1, text=SECOND), comment(3, 2, text=THIRD), comment(4, 9, text="Fine.", votes_up=30))
    snapshot = Snapshot(articles=(article(1, votes=90), article(2, votes=0)), others=(article(9, hours=200),), comments=said)
    choice = chosen(snapshot, letter)
    assert [(pick.kind, pick.id) for pick in picked(choice, Place.RESERVE)] == [
        (Kind.ARTICLE, 2),
        (Kind.COMMENT, 4),  # for the week's blocks
        (Kind.COMMENT, 2),  # for the quote
        (Kind.COMMENT, 3),  # for the reserve article
    ]
    assert picked(choice, Place.RESERVE)[0].note.startswith("scored ")


def test_a_comment_between_two_editions_has_its_turn_in_the_second() -> None:
    """Posted ten minutes before the last cut-off it was too fresh then."""
    older = article(9, hours=24 * 10)
    late = comment(1, 9, posted_at=START - timedelta(minutes=10))
    snapshot = Snapshot(articles=(article(1),), others=(older,), comments=(late,))
    before = choose(snapshot, newsletter(), window_start=START - timedelta(days=7), cutoff=START)
    assert why_not(before, Kind.COMMENT, 1) == "posted 10 minutes before the cut-off: too fresh"
    after = chosen(snapshot)
    assert [pick.id for pick in picked(after, Place.TOP)] == [1]


def test_the_seed_page() -> None:
    """Four threaded comments, all without votes: the words decide."""
    writer = author(5, "Con Tributor")
    page = article(1, author=writer, title="The slowest car we ever loved")
    story = comment(1, text=STORY, votes_up=0)
    moderator = comment(2, parent_id=1, role=Role.MODERATOR, text="Ours did the same, and the heater tip is right.", votes_up=0, hours=11)
    joke = comment(3, text="Slower than a queue for soup.", votes_up=0, hours=10)
    own = comment(4, parent_id=1, author_id=5, author_name="Con Tributor", role=Role.CONTRIBUTOR, text=THIRD, votes_up=0, hours=9)
    snapshot = Snapshot(articles=(page,), comments=(story, moderator, joke, own))
    choice = chosen(snapshot, QUOTES_ONLY)
    quote = picked(choice, Place.QUOTE)[0]
    terms = {term.name: term.value for term in quote.terms}
    assert "votes" not in terms
    assert (quote.id, terms["personal"], terms["staff reply"]) == (1, 0.08, 0.15)
    assert quote.reply_id == 2  # the moderator's answer makes it an exchange
    assert why_not(choice, Kind.COMMENT, 3).startswith("text score 0.41")
    whole = chosen(snapshot)
    assert [pick.id for pick in picked(whole, Place.TOP, Place.RECENT)] == [4, 3]  # nothing that is shown already


def test_a_contributors_follow_up_in_the_own_thread_loses_a_fifth() -> None:
    page = article(1, author=author(5))
    said = (comment(1, text=SECOND), comment(2, parent_id=1, author_id=5, author_name="Writer 5", text=THIRD))
    choice = chosen(Snapshot(articles=(page,), comments=said), newsletter(comments={"exchange_from": 9}))
    terms = {term.name: term.value for one in everything(choice) if (one.kind, one.id) == (Kind.COMMENT, 2) for term in one.terms}
    assert terms["own thread"] == -0.20


def test_a_held_parent_takes_its_answer_along() -> None:
    said = (comment(1, state=CommentState.HELD), comment(2, parent_id=1, votes_up=30))
    choice = chosen(Snapshot(articles=(article(1),), comments=said))
    assert why_not(choice, Kind.COMMENT, 2) == "an answer to a comment that may not be shown"


def test_a_busy_week_names_the_best_and_counts_the_rest() -> None:
    said = tuple(comment(number, text="Aye.", author_name="Ada") for number in range(1, 601))
    held = tuple(comment(number, state=CommentState.HELD) for number in range(601, 1_101))
    flagged = tuple(comment(number, flags=2 + number % 2) for number in range(1_101, 1_111))
    choice = chosen(Snapshot(articles=(article(1),), comments=(*said, *held, *flagged)))
    passed = [one for one in choice.passed_over if one.kind is Kind.COMMENT]
    assert [len([one for one in passed if scored == (one.score is not None)]) for scored in (True, False)] == [NAMED, NAMED]
    shown = len(picked(choice, Place.RECENT))
    assert choice.notes[-2:] == (
        f"{300 - shown} more comments were not chosen; the best of those that were scored in full are named.",
        "210 more comments fell at a gate: 200 held by a moderator; 10 flagged by … readers.",
    )


def test_each_article_of_the_edition_names_its_runners_up() -> None:
    articles = tuple(article(number, title=f"{letter} {letter}") for number, letter in enumerate("abcdef", 1))
    loud = [comment(number, 1 + number % 5, votes_up=50 + number % 7) for number in range(1, 800)]
    quiet = [comment(number, 6, text="Aye, so it is.", votes_up=number % 9) for number in range(900, 950)]
    choice = chosen(Snapshot(articles=articles, comments=(*loud, *quiet)), newsletter(limits={"articles": 6}))
    assert set(article_ids(choice)) == {1, 2, 3, 4, 5, 6}
    taken = {pick.id for pick in choice.picks}
    best = sorted((one for one in quiet if one.id not in taken), key=lambda one: (-(one.votes_up or 0), one.id))[:3]
    named = {one.id: one for one in choice.passed_over if one.kind is Kind.COMMENT}
    assert all(named[one.id].score is not None and named[one.id].why for one in best)


def test_links_to_outside_are_limited_only_when_the_sites_own_host_is_known() -> None:
    wire = tuple(article(number, url=f"https://wire.example/{number}", section=f"s{number}", title=f"T{number}") for number in range(1, 5))
    letter = newsletter(limits={"articles": 3})
    own = article(9, section="own", hours=100)
    known = choose(Snapshot(articles=(*wire, own)), letter, window_start=START, cutoff=CUTOFF, site_host=SITE)
    unknown = choose(Snapshot(articles=(*wire, own)), letter, window_start=START, cutoff=CUTOFF)
    assert 9 in article_ids(known)
    assert 9 not in article_ids(unknown)
