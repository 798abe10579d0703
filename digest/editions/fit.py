"""A reader's plan above the size budget, made shorter by its last items. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from digest.editions.pool import Plan


def fit(plan: Plan, sizes: Mapping[str, int], room: int) -> Plan:
    """The plan without as many of its last items as it takes to be at most `room`; `sizes` are those of its blocks, by name.

    As in everybody's edition: recent comments go first, from the oldest; then stories, the lowest first; then the top comments. The best story, and
    so the pin, stays whatever its size.
    """
    left = sum(map(sizes.__getitem__, filter(sizes.__contains__, plan.names)))
    if left <= room:
        return plan
    shorter = _shorter(plan)
    while left > room and (next_one := next(shorter, None)) is not None:
        left -= sum(sizes.get(block, 0) for block in plan.blocks - next_one.blocks)
        plan = next_one
    return plan


def _shorter(plan: Plan) -> Iterator[Plan]:
    while plan.recent:
        plan = replace(plan, recent=plan.recent[:-1])
        yield plan
    while len(plan.ranked) > 1:
        plan = _without_story(plan, plan.ranked[-1])
        yield plan
    while plan.top:
        plan = replace(plan, top=plan.top[:-1])
        yield plan


def _without_story(plan: Plan, last: int) -> Plan:
    return replace(
        plan,
        ranked=plan.ranked[:-1],
        stories=tuple(number for number in plan.stories if number != last),
        join=tuple(number for number in plan.join if number != last),
        filled=plan.filled - {last},
    )
