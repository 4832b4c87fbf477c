import unittest

from tally.core import count
from tally.folding import fold


class FoldTest(unittest.TestCase):
    def test_case_and_punctuation_do_not_matter(self):
        self.assertEqual(count(fold("One, one -- ONE!")), {"one": 3})
