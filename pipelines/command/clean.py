"""Cleans a corpus: Unicode forms are unified, white space is single, and texts that repeat an earlier one are left out.

usage: clean.py INPUT OUTPUT [--shortest WORDS]

INPUT and OUTPUT are folders with text.txt, one passage a line. Needs nothing beside Python's standard library.
"""

import argparse
import pathlib
import sys
import unicodedata


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--shortest", type=int, default=1)
    options = parser.parse_args()

    seen = set()
    read = kept = 0
    with open(options.input / "text.txt", encoding="utf-8") as lines, open(
        options.output / "text.txt", "w", encoding="utf-8"
    ) as cleaned:
        for line in lines:
            read += 1
            words = unicodedata.normalize("NFKC", line).split()
            text = " ".join(words)
            if len(words) < options.shortest or text.casefold() in seen:
                continue
            seen.add(text.casefold())
            cleaned.write(text + "\n")
            kept += 1
    print(f"kept {kept} of {read} passages", file=sys.stderr)
    if kept == 0:
        sys.exit("nothing is left: every passage is shorter than --shortest")


if __name__ == "__main__":
    main()
