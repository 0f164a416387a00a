"""Small tokenizers of each kind, trained here, and what Hugging Face tokenizers makes of random Unicode with them.

    composed_tokenizers.py

`tokenizers/texts.json` holds the texts, `KIND.tokenizer.json` each tokenizer, `KIND.answers.json` for each text a checksum
of ids, token texts and offsets (and those of the first texts in full), and framed pairs under every truncation strategy;
`bytepairs.training.json` what its trainer learns.
"""
import json
import random
import tempfile
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from random_text import string

FOLDER = Path(__file__).parent / "tokenizers"
SENTENCES = (Path(__file__).parent.parent / "Conformance" / "sentences.txt").read_text(encoding="utf-8").splitlines()


def checksum(encoding) -> str:
    """FNV-1a over ids, token texts and offsets."""
    value = 0xCBF29CE484222325
    rows = zip(encoding.ids, encoding.tokens, encoding.offsets)
    for byte in "".join(f"{id} {token} {start} {end}\n" for id, token, (start, end) in rows).encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def bytepairs(prefix: bool) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    made.decoder = decoders.ByteLevel()
    made.train_from_iterator(SENTENCES + ["naïve café — déjà vu, 漢字 100 2024!  \n  it's"] * 3, trainers.BpeTrainer(
        vocab_size=450, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    made.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    if prefix:
        made.add_tokens([AddedToken("Tok", single_word=True, rstrip=True)])
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=prefix)
    return made


def pieces() -> tuple[list, int, bytes]:
    """A sentencepiece model with a small character map: texts that grow, shrink, go and are composed."""
    import sentencepiece
    import sentencepiece.sentencepiece_model_pb2 as proto
    rules = {" ": [" "], "\t": [" "], "\n": [" "], "\r": [" "], "\u200B": [], "\u00AD": [], "\x01": [], "\u2028": [" "],
             "\u3000": [" "], "\u00A0": [" "]}
    for char in "ﬁﬃ™㎏Ⅷ①½ªµſÅＡｂ㈱\u0340\u0341\u0344\u0958":
        rules[char] = list(normalizers.NFKC().normalize_str(char))
    for char in "éèüñåçøłạǖ가각":
        parts = normalizers.NFD().normalize_str(char)
        if len(parts) > 1:
            rules[parts] = [char]
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "rules.tsv"
        table.write_text("".join(" ".join(f"{ord(c):X}" for c in key) + "\t" + " ".join(f"{ord(c):X}" for c in value) + "\n"
                                 for key, value in rules.items() if key != "".join(value)))
        text = Path(folder) / "text.txt"
        text.write_text("\n".join(SENTENCES * 2 + ["naïve café déjà vu 漢字 100 2024 it's"] * 5))
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=f"{folder}/m", vocab_size=330, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
            control_symbols=["[CLS]", "[SEP]", "[MASK]"], normalization_rule_tsv=str(table), hard_vocab_limit=False,
            minloglevel=2, num_threads=1)
        content = (Path(folder) / "m.model").read_bytes()
    model = proto.ModelProto()
    model.ParseFromString(content)
    # Where it was trained is nobody's business.
    model.trainer_spec.input[:] = []
    model.trainer_spec.model_prefix = ""
    model.normalizer_spec.normalization_rule_tsv = ""
    (FOLDER / "spiece.model").write_bytes(model.SerializeToString(deterministic=True))
    return [(piece.piece, piece.score) for piece in model.pieces], 1, model.normalizer_spec.precompiled_charsmap


def unigram(vocabulary: list, unknown: int, charsmap: bytes) -> Tokenizer:
    made = Tokenizer(models.Unigram(vocabulary, unknown, False))
    made.normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(),
        normalizers.Lowercase(), normalizers.Precompiled(charsmap)])
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    made.decoder = decoders.Metaspace()
    made.add_special_tokens([AddedToken(token, normalized=False) for token in ("<pad>", "<unk>", "[CLS]", "[SEP]")])
    made.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False)])
    made.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, made.token_to_id(token)) for token in ("[CLS]", "[SEP]")])
    return made


def metaspace(vocabulary: list, unknown: int, charsmap: bytes) -> Tokenizer:
    """sentencepiece's rules alone, with bytes for what is unknown, as later models have them."""
    kept = vocabulary + [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
    made = Tokenizer(models.Unigram(kept, unknown, True))
    made.normalizer = normalizers.Sequence([
        normalizers.Precompiled(charsmap), normalizers.Strip(left=True, right=True),
        normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    made.add_tokens([AddedToken("Tok", normalized=True, single_word=True), AddedToken("[MASK]", normalized=True, rstrip=True)])
    return made


def words() -> Tokenizer:
    """WordPiece behind other normalisers than BERT's own."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.BertNormalizer(strip_accents=False)])
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # Its trainer numbers letters in the order of a hash table; a list does not.
    letters = sorted(set("".join(SENTENCES).lower()) - {" "}) + list("éñ漢字가")
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + [f"##{letter}" for letter in letters]
    tokens += ["film", "##ing", "##ed", "the", "and", "of", "##ly"]
    made.model = models.WordPiece({token: id for id, token in enumerate(tokens)}, unk_token="[UNK]")
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", AddedToken("[MASK]", lstrip=True)])
    made.add_tokens([AddedToken("Tok", normalized=True, single_word=True), AddedToken("É x", normalized=True)])
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return made


def forms(name: str, texts: list[str]) -> Tokenizer:
    """Every letter a token, so that offsets show where each came from."""
    form = getattr(normalizers, name)()
    letters = sorted({letter for text in texts for letter in form.normalize_str(text)})
    made = Tokenizer(models.Unigram([("<unk>", 0.0)] + [(letter, -1.0) for letter in letters], 0, False))
    made.normalizer = form
    return made


def pairs(made: Tokenizer, dice: random.Random) -> list:
    rows = []
    for strategy in ("longest_first", "only_first", "only_second"):
        for _ in range(15):
            first = " ".join(dice.choice(SENTENCES).split()[:dice.randrange(1, 9)])
            second = None if dice.random() < 0.3 else " ".join(dice.choice(SENTENCES).split()[:dice.randrange(1, 9)])
            limit = dice.randrange(6, 30)
            made.enable_truncation(limit, strategy=strategy if second else "longest_first")
            row = {"first": first, "second": second, "limit": limit, "strategy": strategy, "ids": None}
            try:
                encoding = made.encode(first, second)
                row |= {"ids": encoding.ids, "types": encoding.type_ids, "sum": checksum(encoding)}
            except Exception:  # noqa: BLE001 (what the library throws where a text is too short)
                pass
            rows.append(row)
    made.no_truncation()
    return rows


def training() -> dict:
    """Syllables, so that a piece is reached in several ways and its pair comes up again."""
    dice = random.Random(9)
    syllables = ["ba", "ko", "ri", "un", "ing", "ed", "st", "é", "ow", "aaa", "aa", "n", "t", "ly", "漢", " ", "'s"]
    lines = ["".join(dice.choice(syllables) for _ in range(dice.randrange(1, 14))) for _ in range(250)]
    cases = []
    for size, frequency in ((300, 2), (600, 2), (2_000, 5), (262, 0)):
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.train_from_iterator(lines, trainers.BpeTrainer(
            vocab_size=size, min_frequency=frequency, show_progress=False,
            special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
        model = json.loads(made.to_str())["model"]
        tokens = sorted(model["vocab"], key=model["vocab"].get)
        cases.append({"size": size, "frequency": frequency, "count": len(tokens), "first": tokens[:261],
                      "learnt": tokens[261:], "merges": model["merges"]})
    return {"lines": lines, "cases": [case if index == 0 else case | {"first": None} for index, case in enumerate(cases)]}


def write(name: str, content) -> None:
    (FOLDER / name).write_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    dice = random.Random(11)
    vocabulary = sorted({word for line in SENTENCES for word in line.split()})
    texts = list(dict.fromkeys(string(dice, vocabulary, longest=200) for _ in range(1000)))
    write("texts.json", texts)
    marked = [text for text in texts if len(text) < 16][:250]
    made = pieces()
    kinds = {"bytepairs": bytepairs(False), "prefixed": bytepairs(True), "unigram": unigram(*made),
             "metaspace": metaspace(*made), "words": words()}
    for name in ("NFC", "NFD", "NFKC", "NFKD"):
        kinds[name.lower()] = forms(name, marked)
    for name, tokenizer in kinds.items():
        own = marked if name.startswith("nf") else texts
        encodings = tokenizer.encode_batch(own, add_special_tokens=False)
        full = [[e.ids, e.tokens, [edge for pair in e.offsets for edge in pair]] for e in encodings[:30]]
        write(f"{name}.answers.json", {
            "count": len(own), "longest": 15 if own is marked else None, "full": full,
            "sums": "".join(checksum(encoding) for encoding in encodings),
            "pairs": [] if own is marked else pairs(tokenizer, dice)})
        (FOLDER / f"{name}.tokenizer.json").write_text(
            json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
    write("bytepairs.training.json", training())


if __name__ == "__main__":
    main()
