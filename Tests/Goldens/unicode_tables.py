"""Writes Sources/Models/Tokenizers/Unicode/UnicodeTables.swift by asking Hugging Face tokenizers about every code point.

BERT's reference normaliser carries its own Unicode tables, older than any standard library's; ids are equal only if
Retort uses the same. Each fact is probed through the library's public normalisers, none is copied.
"""
import sys
import unicodedata
from pathlib import Path

from tokenizers import normalizers, pre_tokenizers


def bert(**options):
    names = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
    return normalizers.BertNormalizer(**{name: options.get(name, False) for name in names})


def probe() -> dict:
    clean, han, strip, lower = (bert(**{name: True}) for name in
                                ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"))
    decompose, split = normalizers.NFD(), pre_tokenizers.BertPreTokenizer()
    sets = {name: [] for name in ("removed", "spaces", "ideographs", "punctuation", "marks", "nonstarters")}
    lowered, decomposed = {}, {}
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        letter = chr(code)
        cleaned = clean.normalize_str(f"x{letter}x")[1:-1]
        if cleaned == "":
            sets["removed"].append(code)
        elif cleaned == " ":
            sets["spaces"].append(code)
        if han.normalize_str(letter) == f" {letter} ":
            sets["ideographs"].append(code)
        if [token for token, _ in split.pre_tokenize_str(f"a{letter}a")] == ["a", letter, "a"]:
            sets["punctuation"].append(code)
        if strip.normalize_str(f"x{letter}") == "x":
            sets["marks"].append(code)
        if (small := lower.normalize_str(letter)) != letter:
            lowered[code] = small
        parts = decompose.normalize_str(letter)
        if parts != letter and not 0xAC00 <= code < 0xD7A4:  # Hangul syllables are computed
            decomposed[code] = parts
        # U+0345 has the highest combining class: another mark with a class moves before it.
        if len(parts) == 1 and (code == 0x345 or decompose.normalize_str(f"x\u0345{letter}")[1] == letter):
            sets["nonstarters"].append(code)
    # The library says which code points have a class; the class itself never changes once it is given.
    classes = {code: unicodedata.combining(chr(code)) for code in sets["nonstarters"]}
    return sets | {"lowered": lowered, "decomposed": decomposed, "classes": classes}


def ranges(codes) -> list[str]:
    runs = []
    for code in sorted(codes):
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return [f"{low:X}" if low == high else f"{low:X}-{high:X}" for low, high in runs]


def shifts(mapping: dict) -> list[str]:
    """`first-last/step>target`: equal distances, every `step` codes apart."""
    single = {code: ord(text) for code, text in mapping.items() if len(text) == 1}
    runs = []
    for code, target in sorted(single.items()):
        run = runs[-1] if runs else None
        if run and target - code == run["shift"] and code - run["last"] in ((1, 2) if run["step"] is None else (run["step"],)):
            run["step"], run["last"] = code - run["last"], code
        else:
            runs.append({"first": code, "last": code, "step": None, "shift": target - code})
    items = [f"{run['first']:X}-{run['last']:X}/{run['step'] or 1}>{run['first'] + run['shift']:X}" for run in runs]
    return items + [f"{code:X}>{'+'.join(f'{ord(item):X}' for item in text)}"
                    for code, text in mapping.items() if len(text) > 1]


def constants(mapping: dict) -> list[str]:
    """`first-last>value`: equal values side by side."""
    runs = []
    for code, value in sorted(mapping.items()):
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == value:
            runs[-1][1] = code
        else:
            runs.append([code, code, value])
    return [f"{low:X}-{high:X}>{value:X}" for low, high, value in runs]


def literal(name: str, comment: str, items: list[str]) -> str:
    lines, line = [], ""
    for item in items:
        if len(line) + len(item) + 1 > 112:
            lines.append(line)
            line = ""
        line += (" " if line else "") + item
    lines.append(line)
    body = " \\\n".join(f"    {line}" for line in lines)
    return f'  /// {comment}\n  static let {name} = """\n{body}\n    """\n'


def main() -> None:
    facts = probe()
    parts = [
        literal("removed", "Deleted when text is cleaned.", ranges(facts["removed"])),
        literal("spaces", "Become a space when text is cleaned.", ranges(facts["spaces"])),
        literal("ideographs", "Stand alone as words.", ranges(facts["ideographs"])),
        literal("punctuation", "Are cut off as words of their own.", ranges(facts["punctuation"])),
        literal("marks", "Deleted when accents are stripped.", ranges(facts["marks"])),
        literal("classes", "Canonical combining classes: `first-last>class`.", constants(facts["classes"])),
        literal("lowered", "Lower case: `first-last/step>first target`, or `code>code+code`.", shifts(facts["lowered"])),
        literal("decomposed", "Canonical decompositions without Hangul: `code>code+code`.",
                [f"{code:X}>{'+'.join(f'{ord(item):X}' for item in text)}" for code, text in facts["decomposed"].items()]),
    ]
    text = ("// Written by Tests/Goldens/unicode_tables.py; do not edit.\n\n"
            "/// What BERT's reference tokenizer believes about code points, in hexadecimal.\n"
            "enum UnicodeTables {\n" + "\n".join(parts) + "}\n")
    default = Path(__file__).parents[2] / "Sources" / "Models" / "Tokenizers" / "Unicode" / "UnicodeTables.swift"
    (Path(sys.argv[1]) if len(sys.argv) > 1 else default).write_text(text)


if __name__ == "__main__":
    main()
