"""Compares `retort tokenize` with Hugging Face tokenizers: tokens of random Unicode and of real text, three kinds of model.

    tokenization.py --retort .build/release/retort --out out/tokenizers [--data DIR] [--strings 100000] [--written DIR…]

Vocabularies are trained here: byte-level BPE and Unigram (sentencepiece, with its normaliser) on wikitext2 of the data
folder, or on the sentences of `sentences.txt` without one; WordPiece is BERT's own where the data has it. Ids, texts and
offsets of all random strings must be equal, and those of each line of each file of the data. Folders that Retort wrote
(RETORT_CONFORMANCE=DIR swift test --filter tokenizersForTheReference) must be loaded to the same ids. The exit code is 1
where anything differs.
"""
import argparse
import json
import random
import shutil
import subprocess
import sys
import threading
from itertools import islice
from pathlib import Path

from tokenizers import (AddedToken, BertWordPieceTokenizer, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors,
                        trainers)

sys.path.insert(0, str(Path(__file__).parent.parent / "Goldens"))
from random_text import string  # noqa: E402


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def older(folder: Path, trained: Tokenizer | None, kind: str, mask: str) -> Tokenizer:
    """The files of a model from before tokenizer.json, as transformers reads them."""
    from transformers import AutoTokenizer
    if trained:
        trained.model.save(str(folder))
        (folder / "vocab.json").write_text(json.dumps(trained.get_vocab(), ensure_ascii=False), encoding="utf-8")
    # transformers takes control pieces as they are, whatever the configuration says of spaces before the mask.
    token = {"__type": "AddedToken", "content": mask, "lstrip": trained is not None, "rstrip": False, "single_word": False,
             "normalized": False, "special": True}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": kind, "mask_token": token}))
    return AutoTokenizer.from_pretrained(folder).backend_tokenizer


def written(folder: Path) -> list[str]:
    """What Retort wrote: transformers must load it, and tokenizers too where there is a tokenizer.json."""
    from transformers import AutoTokenizer
    facts = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    loaded = AutoTokenizer.from_pretrained(folder)
    faults = []
    for text, ids in zip(facts["texts"], facts["ids"]):
        if loaded(text).input_ids != ids:
            faults.append(f"{folder.name}: AutoTokenizer of {ascii(text)[:200]}")
        if (folder / "tokenizer.json").exists():
            if Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids != ids:
                faults.append(f"{folder.name}: tokenizers of {ascii(text)[:200]}")
    for role, id in facts["roles"].items():
        if getattr(loaded, f"{role}_token_id") != id:
            faults.append(f"{folder.name}: {role} is {getattr(loaded, f'{role}_token_id')}, not {id}")
    return faults


def vocabularies(out: Path, data: Path | None) -> dict[str, Tokenizer]:
    """Trains each kind, and writes a folder for it."""
    text = data / "wikitext2" / "train.txt" if data else Path(__file__).parent / "sentences.txt"
    size = 8_000 if data else 300
    made = {}
    folder = fresh(out / "bpe")
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.train([str(text)], trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    bpe.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    bpe.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    bpe.save(str(folder / "tokenizer.json"))
    made["bpe"] = bpe
    made["bpe-files"] = older(fresh(out / "bpe-files"), bpe, "RobertaTokenizer", "<mask>")

    import sentencepiece
    import sentencepiece.sentencepiece_model_pb2 as proto
    folder = fresh(out / "unigram-files")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "spiece"), vocab_size=size, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
        control_symbols=["[CLS]", "[SEP]", "[MASK]"], hard_vocab_limit=False, minloglevel=2)
    model = proto.ModelProto()
    model.ParseFromString((folder / "spiece.model").read_bytes())
    made["unigram-files"] = older(folder, None, "AlbertTokenizer", "[MASK]")
    vocabulary = [(piece.piece, piece.score) for piece in model.pieces]
    charsmap = model.normalizer_spec.precompiled_charsmap
    unigram = Tokenizer(models.Unigram(vocabulary, 1, False))
    unigram.normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(),
        normalizers.Lowercase(), normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    unigram.add_special_tokens([AddedToken(token, normalized=False) for token in ("<pad>", "<unk>", "[CLS]", "[SEP]")])
    unigram.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False)])
    unigram.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, unigram.token_to_id(token)) for token in ("[CLS]", "[SEP]")])
    unigram.save(str(fresh(out / "unigram") / "tokenizer.json"))
    made["unigram"] = unigram
    # The same pieces under sentencepiece's own rules alone.
    plain = Tokenizer(models.Unigram(vocabulary, 1, False))
    plain.normalizer = normalizers.Precompiled(charsmap)
    plain.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(),
                                                   pre_tokenizers.Metaspace(prepend_scheme="first")])
    plain.save(str(fresh(out / "precompiled") / "tokenizer.json"))
    made["precompiled"] = plain

    for name, lowercase in (("wordpiece", True), ("wordpiece-cased", False)):
        if data and lowercase:
            words = BertWordPieceTokenizer(str(data / "bert_vocab" / "vocab.txt"), lowercase=True)
        else:
            words = BertWordPieceTokenizer(lowercase=lowercase)
            words.train([str(text)], vocab_size=size, show_progress=False)
            special = [(token, words.token_to_id(token)) for token in ("[SEP]", "[CLS]")]
            words._tokenizer.post_processor = processors.BertProcessing(*special)
        words.save(str(fresh(out / name) / "tokenizer.json"))
        made[name] = Tokenizer.from_file(str(out / name / "tokenizer.json"))
    for tokenizer in made.values():
        tokenizer.no_padding()
        tokenizer.no_truncation()
    return made


def answers(program: str, folder: Path, texts, *flags: str):
    """What `retort tokenize` says of each text."""
    process = subprocess.Popen([program, "tokenize", str(folder), "--json", *flags], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)

    def feed():
        with process.stdin:
            for text in texts:
                process.stdin.write((json.dumps(text) + "\n").encode())

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    for line in process.stdout:
        yield json.loads(line)
    if process.wait() != 0:
        raise SystemExit(f"retort tokenize ended with {process.returncode}")


def differences(program: str, folder: Path, tokenizer: Tokenizer, texts: list[str], special: bool = True) -> list[str]:
    flags = [] if special else ["--no-special-tokens"]
    found, count = [], 0
    mine = answers(program, folder, texts, *flags)
    for start in range(0, len(texts), 2_000):
        part = texts[start:start + 2_000]
        for text, encoding, own in zip(part, tokenizer.encode_batch(part, add_special_tokens=special), islice(mine, len(part))):
            count += 1
            theirs = {"ids": encoding.ids, "tokens": encoding.tokens, "offsets": [list(pair) for pair in encoding.offsets]}
            if own != theirs:
                names = [name for name in theirs if own.get(name) != theirs[name]]
                found.append(f"{names} of {ascii(text)[:300]}\n  theirs {ascii([theirs[name] for name in names])[:600]}\n"
                             f"  ours   {ascii([own.get(name) for name in names])[:600]}")
    if count != len(texts):
        found.append(f"{count} answers to {len(texts)} texts")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retort", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--kinds", nargs="*")
    parser.add_argument("--written", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    made = vocabularies(options.out, options.data)
    source = options.data / "wikitext2" / "valid.txt" if options.data else Path(__file__).parent / "sentences.txt"
    words = sorted(set(source.read_text(encoding="utf-8").split()))
    dice = random.Random(options.seed)
    drawn = [string(dice, words) for _ in range(options.strings)]
    bad = 0
    for folder in options.written:
        faults = written(folder)
        print(json.dumps({"written": folder.name, "differences": len(faults)}), flush=True)
        for fault in faults[:10]:
            print(fault, file=sys.stderr)
        bad += len(faults)
    for name, tokenizer in made.items():
        if options.kinds and name not in options.kinds:
            continue
        folder = options.out / name
        report = {"kind": name, "random strings": len(drawn), "lines": 0}
        faults = differences(options.retort, folder, tokenizer, drawn)
        reads_data = options.data and name in ("bpe", "unigram", "wordpiece")
        for path in sorted(options.data.rglob("*")) if reads_data else []:
            if not path.is_file():
                continue
            content = path.read_bytes().decode("utf-8", errors="replace")
            lines = content.split("\n")
            report["lines"] += len(lines)
            faults += differences(options.retort, folder, tokenizer, lines, special=False)
        report["differences"] = len(faults)
        print(json.dumps(report), flush=True)
        for fault in faults[:10]:
            print(fault, file=sys.stderr)
        bad += len(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
