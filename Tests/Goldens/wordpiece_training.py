"""A WordPiece vocabulary by plain counting: every pair is counted anew before each merge.

The rule for ties is Retort's (the pair with the smaller numbers); Hugging Face's trainer, whose ties depend on a hash
seed, must agree on nearly all tokens, which is checked here.
"""
import json
import random
from collections import Counter
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def plain(words: Counter, size: int, frequency: int, limit: int) -> list[str]:
    letters = Counter()
    for word, count in words.items():
        for letter in word:
            letters[letter] += count
    kept = sorted(sorted(letters, key=lambda letter: (-letters[letter], letter))[:limit])
    tail = sorted({letter for word in words for letter in word[1:]} & set(kept))
    tokens = SPECIAL + kept + ["##" + letter for letter in tail]
    number = {token: index for index, token in enumerate(tokens)}
    rows = [([number[letter if index == 0 else "##" + letter] for index, letter in enumerate(word) if letter in kept], count)
            for word, count in words.items()]
    while len(tokens) < size:
        pairs = Counter()
        for row, count in rows:
            for pair in zip(row, row[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < max(frequency, 1):
            break
        joined = tokens[best[0]] + tokens[best[1]].removeprefix("##")
        if joined not in number:
            number[joined] = len(tokens)
            tokens.append(joined)
        for row, _ in rows:
            index = 0
            while index + 1 < len(row):
                if (row[index], row[index + 1]) == best:
                    row[index:index + 2] = [number[joined]]
                index += 1
    return tokens


def main() -> None:
    dice = random.Random(3)
    syllables = ["ba", "ko", "ri", "un", "ing", "ed", "st", "é", "ow", "aaa", "aa", "n", "t", "ly", "漢"]
    words = Counter()
    for _ in range(600):
        words["".join(dice.choice(syllables) for _ in range(dice.randrange(1, 6))).replace("漢", "ж")] += dice.randrange(1, 40)
    cases = []
    for size, frequency, limit in ((120, 2, 1000), (400, 2, 1000), (5000, 30, 1000), (200, 2, 8)):
        cases.append({"size": size, "frequency": frequency, "limit": limit, "tokens": plain(words, size, frequency, limit)})
    tokenizer = BertWordPieceTokenizer(strip_accents=False)
    text = [" ".join([word] * count) for word, count in words.items()]
    tokenizer.train_from_iterator(text, vocab_size=400, min_frequency=2, show_progress=False)
    shared = set(tokenizer.get_vocab()) & set(cases[1]["tokens"])
    assert len(shared) > 390, len(shared)
    print("shared with Hugging Face's trainer:", len(shared), "of 400")
    path = Path(__file__).parent / "tokenizer" / "training.json"
    path.write_text(json.dumps({"words": words, "cases": cases}, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
