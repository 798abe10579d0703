"""What only others can tell: whether links lead anywhere, and what a spam filter says. Rules alone; who asks is outside of here."""

from digest.render.lint.finding import Level, Rule

DEAD = Rule(
    id="links.dead",
    why="Whoever follows it stands before nothing.",
    mend="Correct the address where the article or the setting has it, or leave the item out.",
)
MOVED = Rule(
    id="links.moved",
    level=Level.NOTE,
    why="The page has moved for good: the way there takes longer, and will end some day.",
    mend="Write the new address where the article or the setting has the old one.",
)
UNSURE = Rule(
    id="links.unsure",
    level=Level.NOTE,
    why="The server would not say whether there is anything: some answer nobody but browsers.",
    mend="Open it in a browser.",
)
SPAM = Rule(
    id="spam.score",
    why="Filters at the readers’ end judge in much the same way; what they take for spam few readers see.",
    mend="See which rules gave the points; most are about words, links and headers.",
)
SILENT = Rule(
    id="spam.silent",
    level=Level.NOTE,
    why="Nobody else is asked, for a mail that is not out yet is nobody else’s affair.",
    mend="Install SpamAssassin (apt install spamassassin), or name rspamd’s address in [newsletters.…checks] rspamd.",
)
RULES = (DEAD, MOVED, UNSURE, SPAM, SILENT)
