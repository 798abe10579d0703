"""A full edition of a weekly that does not exist: every block is filled, and most oddities of real ones occur."""

from datetime import UTC, datetime, timedelta

from digest.content.values import Image, Role
from digest.editions.values import Edition, Link, Parent, Person, Quote, Section, SponsorBlock, Story
from digest.newsletter import BLOCKS
from digest.render.look import Look

SITE = "https://saltmarsh.example"
SLOT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def look(**changes: object) -> Look:
    values = {
        "title": "The Saltmarsh Letter",
        "description": "A week of news from the estuary, and what its readers made of it.",
        "name": "Saltmarsh",
        "url": SITE,
        "postal_address": "Saltmarsh Press\n4 Ferry Lane\nOld Quay OQ1 2ZX",
        "zone": "Europe/London",
    }
    return Look(**{**values, **changes})  # type: ignore[arg-type]


def image(number: int, width: int = 1200, height: int = 800, alt: str = "") -> Image:
    return Image(url=f"{SITE}/pictures/{number}-{width}x{height}.jpg", alt=alt, width=width, height=height)


def quote(number: int, article: int, title: str, author: str, text: str, **more: object) -> Quote:
    url = f"{SITE}/{article}/"
    values = {
        "comment_id": number,
        "article_id": article,
        "article_title": title,
        "author": author,
        "role": Role.READER,
        "avatar": "",
        "initials": "".join(word[0] for word in author.split()[:2]).upper(),
        "text": text,
        "cut": False,
        "likes": None,
        "dislikes": None,
        "url": f"{url}#comment-{number}",
        "thread_url": f"{url}#comments",
        "posted_at": SLOT - timedelta(hours=3 * (number % 40)),
    }
    return Quote(**{**values, **more})  # type: ignore[arg-type]


def story(number: int, title: str, section: str, author: str, excerpt: str, **more: object) -> Story:
    values = {
        "article_id": number,
        "title": title,
        "url": f"{SITE}/{number}/",
        "section": section,
        "author": author,
        "role": Role.READER,
        "excerpt": excerpt,
        "image": None,
        "published_at": SLOT - timedelta(days=number % 6, hours=3),
        "comment_count": 0,
        "comments_url": f"{SITE}/{number}/#comments",
    }
    return Story(**{**values, **more})  # type: ignore[arg-type]


LEAD = story(
    101,
    "The last ferry out: how a crossing nobody needed became the one nobody will give up",
    "Tide & Town",
    "Ines Halloran",
    "The subsidy ends in March and the boat carries, on a good day, eleven people. So we rode it for a week, from the first "
    "milk run to the last crossing in the dark, and asked everybody on board why they were there. Nobody gave the answer that "
    "is in the council’s report. The skipper has a plan, the school has another, and the numbers that everyone quotes turn out"
    " to have been counted on the one week the engine was out.",
    role=Role.STAFF,
    image=image(101, alt="A small white ferry leaves a stone quay at first light"),
    comment_count=46,
    quote=quote(
        901,
        101,
        "The last ferry out: how a crossing nobody needed became the one nobody will give up",
        "Tomás Ferreira",
        "I took this boat to school for nine years and to work for eleven more. The report counts tickets; it does not count "
        "the two carers who cross on staff passes every morning, or the prescriptions that come back with the skipper.\n\nTake"
        " it away and the island does not get quieter. It gets older, and then it gets empty.",
        likes=38,
        parent=Parent(
            author="Grace Okafor", role=Role.READER, text="Eleven passengers a day is not a service, it is a hobby with a timetable and", cut=True
        ),
        reply=quote(
            902,
            101,
            "The last ferry out",
            "Ines Halloran",
            "The staff passes are a good catch: we asked, and they are in no column of the council’s table. We have put a "
            "correction under the chart.",
            role=Role.STAFF,
            likes=12,
        ),
    ),
    also=(
        Link(title="What the crossing costs, line by line", url=f"{SITE}/88/", article_id=88),
        Link(title="Letters: keep the boat, lose the brochure", url=f"{SITE}/89/", article_id=89),
    ),
)

SECTIONS = (
    Section(
        title="Tide & Town",
        stories=(
            story(
                102,
                "Forty houses, one well, and a summer that would not end",
                "Tide & Town",
                "Perpetua Adeyemi-Lindqvist",
                "Upper Marsh has drunk from the same spring since before there were maps of it. In August the level fell below"
                " the pipe for the first time, and the parish had to decide, in a tent, what water is for.",
                role=Role.CONTRIBUTOR,
                image=image(102, alt="A dry stone trough beside a lane"),
                comment_count=12,
                quote=quote(
                    911,
                    102,
                    "Forty houses, one well, and a summer that would not end",
                    "Wren",
                    "My grandmother kept a notebook of the level, every Sunday from 1951. It is in the kitchen drawer. Come "
                    "and photograph it before somebody uses it to light the stove.",
                    likes=1,
                ),
            ),
            story(
                103,
                "The harbour clock is right again",
                "Tide & Town",
                "Ines Halloran",
                "For six years it has been ten past four. A retired watchmaker, a borrowed cherry picker and a pigeon with "
                "opinions changed that on Tuesday.",
                role=Role.STAFF,
                comment_count=7,
            ),
        ),
    ),
    Section(
        title="Field Notes",
        stories=(
            story(
                104,
                "Counting curlews with people who cannot agree on what a curlew is",
                "Field Notes",
                "Jonah Pell",
                "Twice a year two dozen volunteers stand in a line on the mud and call out numbers. We stood with them, got it"
                " wrong, and learnt why the error bars matter more than the birds.",
                role=Role.CONTRIBUTOR,
                image=image(104, 800, 1100, alt="Three people with binoculars on a mudflat"),
                comment_count=23,
                discussed=True,
                quote=quote(
                    921,
                    104,
                    "Counting curlews with people who cannot agree on what a curlew is",
                    "Mabel Thwaite",
                    "Section leader here. The pell-mell end of the line is always the north one, because that is where the "
                    "thermos is. We have corrected for it since 2009 and the paper says so on page four",
                    role=Role.MODERATOR,
                    avatar=f"{SITE}/avatars/mabel.png",
                    cut=True,
                    likes=9,
                ),
            ),
            story(
                105,
                "A hedge is a slow wall: six plants that keep sheep in and wind out",
                "Field Notes",
                "Siobhán Ó Dálaigh",
                "Blackthorn first, and not where you think. Notes from a winter of laying hedges on heavy clay, with the mistakes left in.",
                image=image(105, 640, 420),
                comment_count=4,
                also=(Link(title="The blackthorn question, answered by twelve readers", url=f"{SITE}/77/", article_id=77),),
            ),
        ),
    ),
    Section(
        title="Workshop",
        stories=(
            story(
                106,
                "Re-caning a chair badly, then well",
                "Workshop",
                "דנה לוי",
                "Seven rows in, everything was straight and everything was wrong. What the second chair taught about the first.",
                image=image(106, 300, 200, alt="A half-woven chair seat"),
                comment_count=1,
            ),
            story(107, "An index of every bolt on the slipway", "Workshop", "Jonah Pell", "It is exactly what it says.", role=Role.CONTRIBUTOR),
        ),
    ),
)

TOP = (
    quote(
        931,
        103,
        "The harbour clock is right again",
        "Aldous P.",
        "Six years of being exactly ten minutes late for everything and now I have no excuse left. Thank you for nothing.",
        likes=64,
    ),
    quote(
        932,
        104,
        "Counting curlews with people who cannot agree on what a curlew is",
        "يوسف الحداد",
        "عدّيت معهم في الربيع. أصعب ما في الأمر ليس الطيور بل أن تبقى صامتًا ساعتين.",
        likes=21,
    ),
    quote(
        933,
        105,
        "A hedge is a slow wall: six plants that keep sheep in and wind out",
        "Ruth Bramwell",
        "You left out the seventh plant, which is patience. Ours took eleven years before a sheep so much as leaned on it and "
        "thought better of the idea. 🐑",
        role=Role.CONTRIBUTOR,
        likes=17,
    ),
)

RECENT = (
    quote(941, 107, "An index of every bolt on the slipway", "Kit", "Bolt 212 is mine. I dropped it in 1998 and I want it back", cut=True),
    quote(942, 106, "Re-caning a chair badly, then well", "Hanne Sørensen", "Soak the cane overnight and thank me in the morning."),
    quote(943, 102, "Forty houses, one well, and a summer that would not end", "Parish Clerk", "Minutes are up, pages 3 to 7.", role=Role.MODERATOR),
)

SPONSOR = SponsorBlock(
    label="Sponsored",
    title="Oilskins that outlive their owners",
    text="Dunnage & Daughters have proofed cotton by hand since 1931. Send yours in before January and they will re-wax it "
    "for the price of the postage.",
    url="https://dunnage.example/rewax",
    image=image(500, 1012, 400, alt="A waxed coat on a hook"),
)

PEOPLE = (
    Person(name="Ines Halloran", role=Role.STAFF, articles=2, comments=5),
    Person(name="Jonah Pell", role=Role.CONTRIBUTOR, articles=2, comments=0),
    Person(name="Perpetua Adeyemi-Lindqvist", role=Role.CONTRIBUTOR, articles=1, comments=1),
    Person(name="Mabel Thwaite", role=Role.MODERATOR, articles=0, comments=14),
)

JOIN = (
    Link(title=LEAD.title, url=f"{SITE}/101/#comments", article_id=101),
    Link(title="Counting curlews with people who cannot agree on what a curlew is", url=f"{SITE}/104/#comments", article_id=104),
    Link(title="Who owns the foreshore?", url=f"{SITE}/61/#comments", article_id=61),
)


def sample_edition(**changes: object) -> Edition:
    values = {
        "newsletter": "letter",
        "title": "The Saltmarsh Letter",
        "slot": SLOT,
        "subject": "The last ferry out, and a clock that is right again",
        "preheader": "Forty houses and one well; curlews, counted; and Tomás on what the report leaves out.",
        "introduction": (
            "The tide tables for next year came back from the printer with February in them twice. We have decided to keep both.",
            "This week: a boat, a well, a clock, and the longest argument about curlews we have ever moderated.",
        ),
        "lead": LEAD,
        "sections": SECTIONS,
        "top_comments": TOP,
        "recent_comments": RECENT,
        "sponsor": SPONSOR,
        "people": PEOPLE,
        "join": JOIN,
        "join_counts": (46, 23, 118),
        "blocks": BLOCKS,
    }
    return Edition(**{**values, **changes})  # type: ignore[arg-type]
