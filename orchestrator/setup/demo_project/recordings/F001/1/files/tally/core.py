"""Counting words."""


def count(text):
    """How often each word of the text occurs."""
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts
