"""Random Unicode text for the tokenizer goldens and for `make conformance`: all planes, marks, controls, long words."""
import random

from tokenizer_golden import text as marked_text

ODD = "\u200D\u200B\u200C\uFE0F\u00AD\u2028\u3000\u00A0\r\n\t\u0085\uFEFF\u0344\u0340\u0958ﬁ™©㎏Ⅷ①İẞ"
SPECIAL = ["<mask>", " <mask>", "<s>", "</s>", "[MASK]", " [MASK] ", "[CLS]", "<unk>", "<pad>", "[pad]", "x", " ", "É", "Tok",
           "tok "]


def scalar(dice: random.Random) -> str:
    kind = dice.randrange(12)
    if kind == 0:
        return chr(dice.randrange(0x20))
    if kind == 1:
        return chr(dice.randrange(0x300, 0x370))
    if kind == 2:
        return chr(dice.randrange(0x1F300, 0x1FAFF))
    if kind == 3:
        return chr(dice.randrange(0x4E00, 0xA000))
    if kind == 4:
        return dice.choice(ODD)
    if kind == 5:
        return chr(dice.randrange(0x1F1E6, 0x1F200))
    if kind == 6:
        return chr(dice.choice((0x1100, 0x1161, 0x11A8, 0xAC00)) + dice.randrange(20))
    if kind == 7:
        return chr(dice.randrange(0x900, 0xE00))
    while True:
        code = dice.randrange(0x110000) if kind < 10 else dice.randrange(0x3000)
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def string(dice: random.Random, words: list[str], longest: int = 1500) -> str:
    kind = dice.randrange(10)
    if kind < 3:
        return marked_text(dice)
    if kind == 3:  # words of real text between anything
        return "".join(dice.choice(words) + dice.choice([" ", "  ", "", "\n", "'s ", "``", "''", "-", scalar(dice)])
                       for _ in range(dice.randrange(1, 12)))
    if kind == 4:
        return "".join(dice.choice(SPECIAL) for _ in range(dice.randrange(1, 9)))
    if kind == 5 and dice.random() < 0.05:  # very long words
        return "".join(dice.choice(words + [scalar(dice)]) for _ in range(dice.randrange(longest // 15, longest)))
    if kind == 6:
        return "".join(dice.choice(" \t\n\r'stvemldr09aé.!▁") for _ in range(dice.randrange(0, 25)))
    return "".join(scalar(dice) for _ in range(dice.randrange(0, 30)))
