"""Which words are the most frequent."""


def top(counts, n):
    """The n most frequent words with their counts."""
    return sorted(counts.items(), key=lambda pair: pair[1])[:n]
