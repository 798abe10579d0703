"""Comments as editors want them: another one under an article, or none; one of theirs among the top comments. Pure."""

from dataclasses import replace

from digest.editions.hand import Hand, noted, passed
from digest.editions.layout import Layout, Told
from digest.editions.values import Choice, Kind, Pick, Place


def on_top(hand: Hand, choice: Choice, number: int) -> Choice:
    """With the comment among the top comments, and nowhere else. The lowest of them makes room, if any is there that no editor pinned."""
    newsletter, layout = hand.shelf.newsletter, Layout.of(choice.picks)
    if "top_comments" not in newsletter.blocks:
        return hand.vain(choice, "this newsletter has no block of top comments")
    if why := _why_not(hand, number):
        return hand.vain(choice, why)
    pick = replace(noted(hand.shelf.quote(number, Place.TOP, layout), hand.note("pinned")), kept=True)
    if any(one.id == number for one in layout.top):
        return hand.laid(choice, replace(layout, top=tuple(pick if one.id == number else one for one in layout.top)))
    left = Layout.of(hand.without(choice, comments=frozenset({number})).picks)
    free = [one for one in left.top if not one.kept]
    last = min(free, key=lambda one: (one.score, -one.id)) if free and len(left.top) >= newsletter.limits.top_comments else None
    spare = (replace(last, place=Place.RESERVE),) if last else ()
    # Before the others: for the size of the mail, the last are taken out first.
    pinned, others = [one for one in left.top if one.kept], [one for one in free if one is not last]
    return hand.laid(choice, replace(left, top=(*pinned, pick, *others), reserves=(*spare, *left.reserves)))


def quoted(hand: Hand, choice: Choice, article: int, comment: int) -> Choice:
    """With this comment under the article and nowhere else; 0: with none. The one there was steps in if this one falls."""
    layout = Layout.of(choice.picks)
    told = next((one for one in (*layout.stories, *layout.beside) if one.id == article), None)
    if told is None:
        return hand.vain(choice, f"the article {article} is not in")
    if not comment:
        gone = (passed(told.quote, f"left out by {hand.who}"),) if told.quote else ()
        return replace(hand.laid(choice, _quoting(layout, article, None)), passed_over=(*choice.passed_over, *gone))
    if why := _why_not(hand, comment, article):
        return hand.vain(choice, why)
    pick = replace(noted(hand.shelf.quote(comment, Place.QUOTE, layout), hand.note("quoted")), kept=False)
    if told.quote and told.quote.id == comment:
        return hand.laid(choice, _quoting(layout, article, pick))
    left = _quoting(Layout.of(hand.without(choice, comments=frozenset({comment})).picks), article, pick)
    spare = (replace(told.quote, place=Place.RESERVE),) if told.quote else ()
    return hand.laid(choice, replace(left, reserves=(*left.reserves, *spare)))


def _why_not(hand: Hand, number: int, article: int | None = None) -> str:
    comment = hand.shelf.comment(number)
    if comment is None:
        return f"the comment {number} may not be shown, or is not there any more"
    if article not in (None, comment.article_id):
        return f"the comment {number} does not stand under the article {article}"
    if hand.shelf.is_out(Kind.ARTICLE, comment.article_id):
        return f"the article {comment.article_id}, which it stands under, is out"
    return ""


def _quoting(layout: Layout, article: int, quote: Pick | None) -> Layout:
    def change(told: Told) -> Told:
        return Told(article=told.article, quote=quote) if told.id == article else told

    return replace(layout, stories=tuple(map(change, layout.stories)), beside=tuple(map(change, layout.beside)))
