"""Word lists by language. Only English has them; elsewhere a score goes by what needs no list (docs/choosing.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """`first_person` and `experience` together tell a writer's own story from an opinion that merely begins with “I think”."""

    stop_words: frozenset[str]
    connectives: frozenset[str]
    insults: frozenset[str]
    first_person: frozenset[str]
    experience: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = Lexicon(
    stop_words=_words(
        "a about after again all also an and any are as at be been before being but by can could did do does for from get got had has"
        " have he her here him his how i if in into is it it's its just like may me more most my new no not now of off on one only or our"
        " out over she so some than that the their them then there these they this those to too up us very was we were what when where"
        " which who why will with would you your"
    ),
    connectives=_words(
        "although because besides compared consequently data despite evidence example furthermore hence however if indeed instead"
        " moreover nevertheless otherwise perhaps rather reason since so-called statistics suggests therefore though thus unless unlike"
        " whereas whether while"
    ),
    insults=_words(
        "asshole assholes bastard bastards bigot bigots bitch braindead brainless bullshit clown clowns clueless coward cowards crap"
        " creep cretin degenerate degenerates dimwit dipshit disgusting dumb dumbass dumbest fool fools fuck fucked fucker fucking garbage"
        " hypocrite hypocrites idiot idiotic idiots ignoramus ignorant imbecile imbeciles jackass jerk jerks liar liars loser losers"
        " lunatic lunatics moron moronic morons nutjob nutjobs nutter parasite parasites pathetic piss retarded scum scumbag scumbags"
        " sheeple shill shills shit shitty stupid stupidity thug thugs traitor traitors troll trolls twit vermin wanker whore"
    ),
    first_person=_words("i i'd i'm i've me mine my myself our ours us we we'd we're we've"),
    experience=_words(
        "ago aunt bought boyfriend broke brother brought built child childhood colleague college commute commuted cousin dad daughter"
        " decade decades drive driven drove family father fixed friend friends gave girlfriend grandfather grandma grandmother grandpa"
        " grew had husband job kept kid kids learned lived mine mom mother moved mum neighbor neighbour office own owned owner parents"
        " partner remember rented restored school sister sold son spent started taught tried uncle used watched week weekend went wife"
        " worked years"
    ),
)

LEXICONS = {"en": ENGLISH}


def lexicon(language: str) -> Lexicon | None:
    """The lists of a language tag such as `en` or `en-GB`; None where there are none."""
    return LEXICONS.get(language.casefold().replace("_", "-").partition("-")[0])
