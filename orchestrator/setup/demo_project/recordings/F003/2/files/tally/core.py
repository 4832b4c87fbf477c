"""Counting words."""


def count(text):
    """How often each word of the text occurs."""
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def top(counts, n):
    """The n most frequent words with their counts, ties in alphabetical order."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]
