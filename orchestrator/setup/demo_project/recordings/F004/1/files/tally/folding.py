"""Words that differ only in case or in the punctuation around them."""

import string


def fold(text):
    """The words of the text in lower case, without the punctuation around them, with a blank between them."""
    words = (raw.strip(string.punctuation).casefold() for raw in text.split())
    return " ".join(word for word in words if word)
