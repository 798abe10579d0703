"""Text that is read as text is: words of letters, sentences, a figure now and then. The same for the same seed."""

from itertools import product
from random import Random

VOCABULARY = ["".join(parts) for parts in product("bdfgklmnprst", "aeiou", "bdklmnrst", ("a", "en", "er", "ing", "o"))]
SENTENCE = 14  # words


def prose(seed: int, count: int) -> str:
    """So many words, in sentences."""
    words = Random(seed).choices(VOCABULARY, k=count)
    if seed % 3 == 0:
        words[count // 2] = str(1950 + seed % 75)
    sentences = (" ".join(words[start : start + SENTENCE]).capitalize() for start in range(0, count, SENTENCE))
    return ". ".join(sentences) + "."
