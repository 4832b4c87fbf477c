import subprocess
import sys
import unittest


class CommandLineTest(unittest.TestCase):
    def test_prints_the_most_frequent_word(self):
        done = subprocess.run(
            [sys.executable, "-m", "tally", "--top", "1", "--json"], input="b a b", capture_output=True, text=True
        )
        self.assertEqual(done.stdout, '{"b": 2}\n')
