"""Ids and offsets of Hugging Face tokenizers on random Unicode, with the small vocabulary `tokenizer/vocab.txt`.

The vocabulary is trained here on the sentences below and random letters, so that many pieces occur in the tests; one
more file, made when a folder of data sets is given, samples real text with BERT's own vocabulary.
"""
import json
import random
import sys
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

RANGES = [(0x20, 0x7F)] * 6 + [(0, 0x20), (0x80, 0x250), (0x300, 0x370), (0x370, 0x530), (0x530, 0x700),
          (0x900, 0xE00), (0x1100, 0x1200), (0x1B00, 0x1C00), (0x1E00, 0x2000), (0x2000, 0x2070), (0x2E80, 0x3100),
          (0x3100, 0x3400), (0x4E00, 0x4F00), (0xA900, 0xAA00), (0xAC00, 0xAD00), (0xF900, 0xFB00), (0xFE00, 0x10000),
          (0x11000, 0x11300), (0x1D100, 0x1D200), (0x1D400, 0x1D800), (0x1E000, 0x1E100), (0x1E900, 0x1E960),
          (0x1F300, 0x1F700), (0x20000, 0x20100), (0x2F800, 0x2FA20), (0xE0000, 0xE0200), (0, 0x110000)]
LOOSE = [0x1B44, 0x302E, 0x302F, 0xA953, 0x1D165, 0x1D16D, 0x08D4, 0x0301, 0x0323, 0x0345, 0x1E000, 0x034F]


def scalar(dice: random.Random) -> str:
    while True:
        low, high = dice.choice(RANGES)
        code = dice.randrange(low, high)
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def text(dice: random.Random) -> str:
    kind = dice.randrange(10)
    if kind == 0:
        return "".join(dice.choice("abcdefghijKLMNOP ,.") for _ in range(dice.randrange(1, 80)))
    if kind == 1:  # long words, around the limit of 100
        return "".join(dice.choice(["a", "b", "é", "e\u0301", "漢", "İ"]) * dice.randrange(20, 60) for _ in range(2))
    if kind == 2:  # marks whose order matters
        return "".join(chr(dice.choice(LOOSE)) if dice.random() < 0.7 else dice.choice("ae ") for _ in range(12))
    if kind == 3:
        pieces = ["[MASK]", "[CLS]", "[UNK", "[SEP]", "[PAD]", "[mask]", "word", " ", "É", "x"]
        return "".join(dice.choice(pieces) for _ in range(8))
    return "".join(scalar(dice) if dice.random() < 0.6 else dice.choice("abcdefgh   ,'é") for _ in range(dice.randrange(1, 30)))


def vocabulary(dice: random.Random) -> list[str]:
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [chr(code) for code in (*range(0x21, 0x7F), *range(0xA1, 0x180), *range(0x391, 0x460), *range(0x1100, 0x11C3),
                                      *range(0x4E00, 0x4E40), *range(0x1D400, 0x1D420), *range(0x1F300, 0x1F340))]
    letters += [chr(code) for code in LOOSE]
    tokens += letters + ["##" + letter for letter in letters]
    for _ in range(300):
        word = "".join(dice.choice("abcdefgh") for _ in range(dice.randrange(2, 5)))
        tokens.append(("##" if dice.random() < 0.5 else "") + word)
    return list(dict.fromkeys(tokens))


def main() -> None:
    folder = Path(__file__).parent / "tokenizer"
    folder.mkdir(exist_ok=True)
    dice = random.Random(7)
    names = vocabulary(dice)
    (folder / "vocab.txt").write_text("\n".join(names) + "\n")
    variants = {"uncased": {}, "cased": {"lowercase": False}, "stripped": {"lowercase": False, "strip_accents": True},
                "lowered": {"lowercase": True, "strip_accents": False},
                "unsplit": {"handle_chinese_chars": False}}
    texts = [text(dice) for _ in range(1000)]
    with open(folder / "random.jsonl", "w") as lines:
        for index, item in enumerate(texts):
            row = {"text": item}
            for name, options in variants.items() if index % 4 == 0 else [("uncased", {})]:
                tokenizer = TOKENIZERS.setdefault(name, BertWordPieceTokenizer(str(folder / "vocab.txt"), **options))
                encoding = tokenizer.encode(item, add_special_tokens=False)
                row[name] = encoding.ids
                if name == "uncased":
                    row["offsets"] = [edge for pair in encoding.offsets for edge in pair]
            lines.write(json.dumps(row, separators=(",", ":")) + "\n")
    pairs = []
    for strategy in ("longest_first", "only_first", "only_second"):
        for _ in range(60):
            first, second = ("abc de " * dice.randrange(1, 5), "fgh a b " * dice.randrange(1, 5))
            if dice.random() < 0.3:
                second = None
            limit = dice.randrange(8, 30)
            tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
            tokenizer.enable_truncation(limit, strategy=strategy if second else "longest_first")
            try:
                encoding = tokenizer.encode(first, second)
                row = {"ids": encoding.ids, "types": encoding.type_ids}
            except Exception:
                row = {"ids": None}
            pairs.append({"first": first, "second": second, "limit": limit, "strategy": strategy} | row)
    (folder / "pairs.json").write_text(json.dumps(pairs, separators=(",", ":")) + "\n")
    if len(sys.argv) > 1:
        data = Path(sys.argv[1])
        lines = (data / "sst2" / "train.tsv").read_text().split("\n")[1:]
        sample = [line.split("\t")[0] for line in dice.sample([line for line in lines if line], 300)]
        tokenizer = BertWordPieceTokenizer(str(data / "bert_vocab" / "vocab.txt"))
        # Positions in the data set and ids alone: no text of it is kept here.
        chosen = {line.split("\t")[0]: number for number, line in enumerate(lines)}
        rows = [{"row": chosen[item], "ids": tokenizer.encode(item).ids} for item in sample]
        (folder / "sst2.json").write_text(json.dumps(rows, separators=(",", ":")) + "\n")


TOKENIZERS: dict = {}

if __name__ == "__main__":
    main()
