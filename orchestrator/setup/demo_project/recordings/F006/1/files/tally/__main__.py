"""The command line: python -m tally [--top N] [--json] [FILE...]"""

import argparse

from tally.core import count
from tally.folding import fold
from tally.output import as_json
from tally.ranking import top
from tally.sources import read


def main():
    parser = argparse.ArgumentParser(prog="tally", description="Count words.")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--top", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pairs = top(count(fold(read(options.files))), options.top)
    if options.json:
        print(as_json(pairs))
    else:
        for word, number in pairs:
            print(f"{number:6} {word}")


if __name__ == "__main__":
    main()
