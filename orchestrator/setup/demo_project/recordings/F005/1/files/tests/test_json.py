import unittest

from tally.output import as_json


class JsonTest(unittest.TestCase):
    def test_keeps_the_order(self):
        self.assertEqual(as_json([("b", 2), ("a", 1)]), '{"b": 2, "a": 1}')
