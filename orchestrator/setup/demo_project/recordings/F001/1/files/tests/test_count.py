import unittest

from tally.core import count


class CountTest(unittest.TestCase):
    def test_counts_each_word(self):
        self.assertEqual(count("a b a"), {"a": 2, "b": 1})

    def test_an_empty_text_has_no_words(self):
        self.assertEqual(count(""), {})
