"""What each weight of [articles] and [comments] does, in an editor's words, in the groups in which they are shown."""

# Group → key → (what it is called, what more of it does).
ARTICLES: dict[str, dict[str, tuple[str, str]]] = {
    "What makes an article good": {
        "freshness": ("Freshness", "more favours what was published last"),
        "image": ("A picture", "what an article gains for one worth showing"),
        "comment": ("A good comment", "what it gains for one worth quoting"),
        "decay": ("Correction for age", "more makes up for the time older ones had to be talked about"),
    },
    "Variety": {
        "relevance": ("Score against variety", "1 goes by the scores alone, 0 by variety alone"),
        "per_section_share": ("Share of a section", "of all stories, at most"),
        "per_author": ("Stories of one author", "at most"),
        "per_domain": ("Stories of one outside site", "at most"),
    },
    "The same thing twice": {
        "same_item": ("Titles of one item", "from which likeness two articles are the same"),
        "same_story": ("Words of one story", "from which likeness two articles tell of the same"),
        "same_body": ("Bodies of one story", "from which likeness two texts are the same"),
        "same_within_hours": ("Hours between the two", "at most; later is another story"),
    },
    "Its turn": {
        "grace_minutes": ("Minutes before the cut-off", "a younger article waits for the next edition"),
        "maximum_age_days": ("Days", "an older article does not come in"),
        "discussed_again": ("New comments", "so many bring an article back once"),
    },
}
COMMENTS: dict[str, dict[str, tuple[str, str]]] = {
    "Readers’ votes": {
        "votes_weight": ("Votes against words", "more lets votes decide"),
        "quotable_votes": ("Votes that are enough", "so many make any comment quotable"),
        "disputed_share": ("Disputed from this share", "of votes against it"),
        "disputed_from": ("Disputed from so many", "votes against it"),
    },
    "The words": {
        "quotable_from": ("Good enough to quote", "the score of the words from which a comment may be quoted without votes"),
        "saturation_words": ("Long enough", "longer than so many words gains nothing more"),
        "connectives": ("Because, although, if …", "what reasoning gains"),
        "number": ("A figure", "what one gains"),
        "link": ("A link", "what one gains"),
        "personal": ("Lived through", "what a story of one’s own gains"),
        "insult": ("An insult", "what it costs"),
        "exclamation": ("Exclamation marks", "what they cost"),
        "capitals": ("CAPITALS", "what they cost"),
        "repetition": ("Repetition", "what it costs"),
        "long_sentences": ("Long sentences", "what they cost"),
        "duplicate": ("Said already", "the likeness to the excerpt or another quote from which a comment is dropped"),
    },
    "The talk around it": {
        "staff_reply": ("Answered by the house", "what that gains"),
        "exchange_from": ("Shown with the answer", "the score of an answer’s words from which it is shown, too"),
        "repliers": ("People who answered", "what they gain it"),
        "on_topic": ("On the topic", "what that gains"),
        "new_voice": ("A new voice", "what it gains who was not quoted before"),
        "own_thread": ("In one’s own thread", "what that costs"),
        "depth": ("Deep in a thread", "what each level costs"),
    },
    "Its turn": {
        "minimum_age_minutes": ("Minutes since it was posted", "a fresher one waits"),
        "settle_minutes": ("Minutes since its last edit", "a fresher edit waits"),
        "maximum_flags": ("Flags", "more than so many keep a comment out"),
    },
}
