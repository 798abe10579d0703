"""What always holds, whatever the snapshot (docs/choosing.md)."""

from collections import Counter
from dataclasses import replace
from json import dumps, loads
from math import ceil, isfinite
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.content.values import ArticleState, CommentState, Snapshot
from digest.editions.canonical import host
from digest.editions.record import from_json, to_json
from digest.editions.values import Choice, Kind, Place
from digest.newsletter import Newsletter
from tests.editions.snapshots import CUTOFF, SITE, chosen, comment, everything, letters, picked, snapshots

quick = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SHOWN = (Place.LEAD, Place.SECTION)
SAID = (Place.QUOTE, Place.TOP, Place.RECENT)


@quick
@given(snapshots(), letters, st.integers(0, 99))
def test_the_order_of_input_never_matters_and_the_same_gives_the_same_bytes(snapshot: Snapshot, letter: Newsletter, seed: int) -> None:
    random = Random(seed)
    shuffled = replace(
        snapshot,
        articles=tuple(random.sample(snapshot.articles, len(snapshot.articles))),
        others=tuple(random.sample(snapshot.others, len(snapshot.others))),
        comments=tuple(random.sample(snapshot.comments, len(snapshot.comments))),
    )
    assert dumps(to_json(chosen(snapshot, letter))) == dumps(to_json(chosen(shuffled, letter)))


@quick
@given(snapshots(), letters)
def test_a_choice_comes_back_from_json_as_it_was(snapshot: Snapshot, letter: Newsletter) -> None:
    choice = chosen(snapshot, letter)
    assert from_json(loads(dumps(to_json(choice)))) == choice


@quick
@given(snapshots(), letters, st.sampled_from([CommentState.HELD, CommentState.REMOVED]), st.integers(1, 12))
def test_an_ineligible_comment_more_changes_nothing(snapshot: Snapshot, letter: Newsletter, state: CommentState, article_id: int) -> None:
    more = replace(snapshot, comments=(*snapshot.comments, comment(999, article_id, state=state, votes_up=500, votes_down=3)))
    before, after = chosen(snapshot, letter), chosen(more, letter)
    assert before.picks == after.picks
    assert before.passed_over == tuple(passed for passed in after.passed_over if passed.id != 999)


@quick
@given(snapshots(), letters)
def test_nothing_is_shown_that_may_not_be(snapshot: Snapshot, letter: Newsletter) -> None:
    articles = {article.id: article for article in (*snapshot.articles, *snapshot.others)}
    comments = {comment.id: comment for comment in snapshot.comments}
    for pick in chosen(snapshot, letter).picks:
        assert articles[pick.article_id].state is ArticleState.PUBLISHED
        assert articles[pick.article_id].published_at <= CUTOFF
        for number in [pick.reply_id, pick.id if pick.kind is Kind.COMMENT else None]:
            if number is not None:
                one = comments[number]
                assert (one.state, one.posted_at <= CUTOFF, one.flags <= 1, one.orphan) == (CommentState.APPROVED, True, True, False)
                assert one.parent_id is None or comments[one.parent_id].state is CommentState.APPROVED


@quick
@given(snapshots(), letters)
def test_nothing_comes_twice_and_nobody_speaks_twice(snapshot: Snapshot, letter: Newsletter) -> None:
    choice = chosen(snapshot, letter)
    comments = {comment.id: comment for comment in snapshot.comments}
    items = [(pick.kind, pick.id) for pick in choice.picks]
    assert len(items) == len(set(items))
    people = Counter(comments[pick.id].person for pick in picked(choice, *SAID))
    assert set(people.values()) <= {1}
    shown = {pick.id for pick in choice.picks if pick.kind is Kind.COMMENT} | {pick.reply_id for pick in choice.picks if pick.reply_id}
    assert not shown & snapshot.quoted


@quick
@given(snapshots(), letters)
def test_everything_has_its_reason(snapshot: Snapshot, letter: Newsletter) -> None:
    """Whatever was looked at is in, or stands beside the one that is, or is passed over with a reason."""
    choice = chosen(snapshot, letter)
    picks = {(pick.kind, pick.id) for pick in choice.picks} | {(Kind.COMMENT, pick.reply_id) for pick in choice.picks if pick.reply_id}
    passed = {(passed.kind, passed.id) for passed in choice.passed_over}
    assert picks.isdisjoint(passed)
    assert {(Kind.COMMENT, comment.id) for comment in snapshot.comments} <= picks | passed
    assert {(Kind.ARTICLE, article.id) for article in snapshot.articles} <= picks | passed
    assert all(passed.why for passed in choice.passed_over)


@quick
@given(snapshots(), letters)
def test_scores_are_finite_and_their_terms_add_up(snapshot: Snapshot, letter: Newsletter) -> None:
    choice = chosen(snapshot, letter)
    for one in everything(choice):
        if one.score is not None:
            assert isfinite(one.score)
            assert one.score == pytest.approx(sum(term.value for term in one.terms))


@quick
@given(snapshots(), letters)
def test_limits_hold_or_the_relaxation_is_reported(snapshot: Snapshot, letter: Newsletter) -> None:
    choice = chosen(snapshot, letter)
    articles = {article.id: article for article in (*snapshot.articles, *snapshot.others)}
    shown = [articles[pick.id] for pick in picked(choice, *SHOWN)]
    assert len(shown) <= letter.limits.articles
    counts: dict[str, Counter[object]] = {
        "section": Counter(article.section.casefold() for article in shown if article.section),
        "author": Counter(article.author.id for article in shown if article.author),
        "domain": Counter(host(article.url) for article in shown if host(article.url) != SITE),
    }
    most = {"section": ceil(letter.limits.articles / 2), "author": 2, "domain": 2}
    for name, used in counts.items():
        assert max(used.values(), default=0) <= most[name] or any(f"per {name} was relaxed" in note for note in choice.notes)


@quick
@given(snapshots(), letters)
def test_a_site_without_votes_works(snapshot: Snapshot, letter: Newsletter) -> None:
    silent = replace(snapshot, comments=tuple(one._replace(votes_up=None, votes_down=None) for one in snapshot.comments))
    choice = chosen(silent, letter)
    assert not any(term.name == "votes" for pick in choice.picks if pick.kind is Kind.COMMENT for term in pick.terms)


@quick
@given(snapshots(), letters, st.data())
def test_one_more_vote_never_lowers_a_comment(snapshot: Snapshot, letter: Newsletter, data: st.DataObject) -> None:
    before = _scores(chosen(snapshot, letter))
    if not before:
        return
    lucky = data.draw(st.sampled_from(sorted(before)))
    voted = tuple(one._replace(votes_up=(one.votes_up or 0) + 1) if one.id == lucky else one for one in snapshot.comments)
    assert _scores(chosen(replace(snapshot, comments=voted), letter))[lucky] >= before[lucky] - 1e-9


@quick
@given(snapshots(), letters)
def test_an_article_of_one_edition_is_not_in_the_next(snapshot: Snapshot, letter: Newsletter) -> None:
    first = chosen(snapshot, letter)
    counts = Counter(comment.article_id for comment in snapshot.comments)
    sent = {pick.id: max(30, counts[pick.id]) for pick in picked(first, *SHOWN)}
    quoted = {pick.id for pick in picked(first, *SAID)} | {pick.reply_id for pick in first.picks if pick.reply_id is not None}
    later = replace(snapshot, sent=sent, considered=snapshot.considered | set(first.considered), quoted=snapshot.quoted | quoted)
    second = chosen(later, letter)
    assert not {pick.id for pick in picked(second, *SHOWN)} & set(first.considered)
    assert not {pick.id for pick in second.picks if pick.kind is Kind.COMMENT} & quoted


def _scores(choice: Choice) -> dict[int, float]:
    return {one.id: one.score for one in everything(choice) if one.kind is Kind.COMMENT and one.score is not None}
