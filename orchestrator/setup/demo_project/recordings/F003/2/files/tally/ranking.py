"""Which words are the most frequent."""


def top(counts, n):
    """The n most frequent words with their counts, ties in alphabetical order."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]
