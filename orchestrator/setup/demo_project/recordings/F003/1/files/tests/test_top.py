import unittest

from tally.ranking import top


class TopTest(unittest.TestCase):
    def test_the_most_frequent_come_first(self):
        self.assertEqual(top({"a": 1, "b": 3, "c": 2}, 2), [("b", 3), ("c", 2)])

    def test_ties_are_in_alphabetical_order(self):
        self.assertEqual(top({"b": 1, "a": 1}, 2), [("a", 1), ("b", 1)])
