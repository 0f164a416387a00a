"""Writes Sources/Models/Tokenizers/Unicode/TextTables*.swift by asking Hugging Face tokenizers about every code point.

The library's pre-tokenisers, added tokens and normalisers each rest on Unicode tables of their own version; ids are equal
only if Retort uses the same. Each fact is probed through public classes, none is copied.
"""
import struct
import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from unicode_tables import literal, ranges, shifts

CODES = (*range(0xD800), *range(0xE000, 0x110000))


def charsmap(key: str, value: str) -> normalizers.Precompiled:
    """A sentencepiece map with one entry: a double array whose nodes have 256 places each."""
    path = key.encode()
    units = [0] * (256 * (len(path) + 2))
    units[0] = 256 << 10
    for depth, byte in enumerate(path):
        place, below = (256 * (depth + 1)) ^ byte, 256 * (depth + 2)
        units[place] = byte | (place ^ below) << 10
        if depth == len(path) - 1:
            units[place] |= 1 << 8
            units[below] = 1 << 31
    blob = struct.pack(f"<{len(units)}I", *units)
    return normalizers.Precompiled(struct.pack("<I", len(blob)) + blob + value.encode() + b"\0")


def graphemes() -> dict:
    """A grapheme of fewer than six bytes is replaced by the entry of its first letter, its marks with it."""
    letter, sign, consonant, mark = (charsmap(char, "Y") for char in "a©\u0915\u0340")
    sets = {name: [] for name in ("prepends", "extends", "controls", "pictographs", "extenders", "consonants", "linkers",
                                  "conjunctExtenders")}
    for code in CODES[1:]:
        char = chr(code)
        if letter.normalize_str(f"a{char}") == "Y":
            sets["extends"].append(code)
            # The mark after the second sign shows whether that sign stands alone.
            if sign.normalize_str(f"©{char}\u200D©\u0301").endswith("\u0301"):
                sets["extenders"].append(code)
            if consonant.normalize_str(f"\u0915{char}\u0915\u0301").endswith("\u0301"):
                sets["linkers"].append(code)
            elif consonant.normalize_str(f"\u0915\u094D{char}\u0915\u0301").endswith("\u0301"):
                sets["conjunctExtenders"].append(code)
            continue
        if "\u200D" in sign.normalize_str(f"©\u200D{char}"):
            sets["pictographs"].append(code)
        if sign.normalize_str(f"{char}©\u0301").endswith("\u0301"):
            sets["prepends"].append(code)
        if not mark.normalize_str(f"{char}\u0340\u0301").endswith("\u0301"):
            sets["controls"].append(code)
        if consonant.normalize_str(f"{char}\u094D\u0915\u0301").endswith("\u0301"):
            sets["consonants"].append(code)
    return sets


def words() -> dict:
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    spaces = pre_tokenizers.WhitespaceSplit()
    inside = Tokenizer(models.BPE(vocab={"t": 0}, merges=[]))
    inside.add_tokens([AddedToken("tok", single_word=True, normalized=False)])
    sets = {name: [] for name in ("letters", "numbers", "spaces", "splitSpaces", "wordParts")}
    for code in CODES:
        char = chr(code)
        if byte_level.pre_tokenize_str(f"x{char}")[0][1] == (0, 2):
            sets["letters"].append(code)
        elif byte_level.pre_tokenize_str(f"1{char}")[0][1] == (0, 2):
            sets["numbers"].append(code)
        elif byte_level.pre_tokenize_str(f"!{char}")[0][1] == (0, 1):
            sets["spaces"].append(code)
        if len(spaces.pre_tokenize_str(f"x{char}x")) == 2:
            sets["splitSpaces"].append(code)
        if 1 not in inside.encode(f"{char}tok").ids:
            sets["wordParts"].append(code)
    return sets


def compositions() -> tuple[dict, dict, list]:
    canonical, compatible = normalizers.NFD(), normalizers.NFKD()
    compose, strip = normalizers.NFC(), normalizers.StripAccents()
    compatibility, pairs, marks = {}, {}, []
    for code in CODES:
        char = chr(code)
        if strip.normalize_str(char) == "":
            marks.append(code)
        if 0xAC00 <= code < 0xD7A4:
            continue
        parts = canonical.normalize_str(char)
        if (full := compatible.normalize_str(char)) != parts:
            compatibility[code] = full
        if parts != char and compose.normalize_str(char) == char and len(parts) > 1:
            pairs[code] = compose.normalize_str(parts[:-1]) + parts[-1]
            assert len(pairs[code]) == 2 and compose.normalize_str(parts) == char, hex(code)
    return compatibility, pairs, marks


def mapping(table: dict) -> list[str]:
    return [f"{code:X}>{'+'.join(f'{ord(item):X}' for item in text)}" for code, text in table.items()]


def main() -> None:
    facts = words()
    # The two libraries behind these agree on what white space is.
    assert facts["spaces"] == facts["splitSpaces"], set(facts["spaces"]) ^ set(facts["splitSpaces"])
    breaks = graphemes()
    compatibility, pairs, marks = compositions()
    words_text = [
        literal("letters", "What `\\p{L}` matches.", ranges(facts["letters"])),
        literal("numbers", "What `\\p{N}` matches.", ranges(facts["numbers"])),
        literal("spaces", "What `\\s` matches.", ranges(facts["spaces"])),
        literal("wordParts", "What `\\w` matches.", ranges(facts["wordParts"])),
        literal("marks", "Deleted by `StripAccents`.", ranges(marks)),
        literal("compositions", "Canonical compositions of two: `composed>first+second`.", mapping(pairs)),
    ]
    forms = [
        literal("compatibility", "Compatibility decompositions that differ from the canonical ones.",
                shifts(compatibility)),
    ]
    comments = {
        "prepends": "Stay with what follows.", "extends": "Stay with what goes before.",
        "controls": "Stand alone.", "pictographs": "Pictographs, which a joiner joins.",
        "extenders": "Of what stays with its predecessor: does not part a pictograph from its joiner.",
        "consonants": "Consonants that form conjuncts.", "linkers": "Join consonants to conjuncts.",
        "conjunctExtenders": "May stand between a consonant and its linker."}
    clusters = [literal(name, comments[name], ranges(codes)) for name, codes in breaks.items()]
    default = Path(__file__).parents[2] / "Sources" / "Models" / "Tokenizers" / "Unicode"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    head = "// Written by Tests/Goldens/text_tables.py; do not edit.\n\n"
    about = "/// What Hugging Face tokenizers believes about code points beyond BERT, in hexadecimal"
    for name, opening, parts in (
            ("TextTables", f"{about}.\nenum TextTables {{\n", words_text),
            ("TextTables+Compatibility", f"{about}: compatibility.\nextension TextTables {{\n", forms),
            ("TextTables+Graphemes", f"{about}: graphemes.\nextension TextTables {{\n", clusters)):
        (folder / f"{name}.swift").write_text(head + opening + "\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
