import tempfile
import unittest
from pathlib import Path

from tally.sources import read


class ReadTest(unittest.TestCase):
    def test_reads_all_files_in_order(self):
        with tempfile.TemporaryDirectory() as folder:
            one, two = Path(folder, "one"), Path(folder, "two")
            one.write_text("a", encoding="utf-8")
            two.write_text("b", encoding="utf-8")
            self.assertEqual(read([one, two]), "a\nb")

    def test_a_byte_order_mark_is_no_text(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "marked")
            path.write_bytes(b"\xef\xbb\xbfa")
            self.assertEqual(read([path]), "a")
