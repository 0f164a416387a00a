"""Golden values for augmentation: candidates of a masked language model, and neighbours by cosine.

    python Tests/Goldens/augmentation.py        # rewrites Tests/Goldens/augmentation/*.json

The model is `maskedLM` of bert.py, whose weights are in data/bert.bin; here its 60 tokens are words and pieces of words.
For each word of one piece: [CLS] the text with the word masked [SEP] the text [SEP] (or the first text alone), the K
largest logits, pieces and special tokens left out. Neighbours are numpy's, in float64: of random vectors, and of words of the
slice of GloVe, where RETORT_DATA names the folder of public data sets (else those in the file stay).
"""
from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import numpy
import torch
from transformers import BertForMaskedLM, BertTokenizer

from bert import SHAPE, build

FOLDER = Path(__file__).parent / "augmentation"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = ["##s", "##ing", "##ed", "##ly", "##ness"]
WORDS = ("the a of and film movie book actor story plot scene music score good great bad dull fine warm cold slow quick smart "
         "funny sad old new long short loved liked hated watched made found felt seen never always very not is was . , ! "
         "' t s it").split()
K = 15
TEXTS = ["the movie was good .", "A great film, and a WARM story!", "it's not dull", "watched the funnys filmed slowly",
         "never", "zzz the Plot", "the long scene made the old actor sad and the music was very slow and cold .",
         "good good good"]


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def candidates() -> None:
    vocabulary = SPECIAL + WORDS + PIECES
    assert len(vocabulary) == SHAPE["vocab_size"], len(vocabulary)
    model = build(BertForMaskedLM, 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocab.txt"
        path.write_text("".join(f"{token}\n" for token in vocabulary))
        tokenizer = BertTokenizer(str(path), do_lower_case=True)
    cases = []
    for text in TEXTS:
        pieces = tokenizer.tokenize(text)
        for place, piece in enumerate(pieces):
            follows = place + 1 < len(pieces) and pieces[place + 1].startswith("##")
            if piece.startswith("##") or follows:
                continue
            for context in ("original", "alone"):
                masked = pieces[:place] + ["[MASK]"] + pieces[place + 1:]
                first = ["[CLS]"] + masked + ["[SEP]"]
                second = pieces + ["[SEP]"] if context == "original" else []
                ids = torch.tensor([tokenizer.convert_tokens_to_ids(first + second)])
                assert ids.shape[1] <= SHAPE["max_position_embeddings"]
                types = torch.tensor([[0] * len(first) + [1] * len(second)])
                with torch.no_grad():
                    logits = model(input_ids=ids, token_type_ids=types).logits[0, place + 1]
                values, top = torch.topk(logits, K + 1)
                gap = (values[:-1] - values[1:]).min().item()
                if gap < 1e-4:      # too near a tie for float32
                    continue
                tokens = tokenizer.convert_ids_to_tokens(top[:K].tolist())
                words = [token for token in tokens if not token.startswith("##") and token not in SPECIAL]
                cases.append({"text": text, "token": place, "context": context, "ids": top[:K].tolist(),
                              "words": words})
    FOLDER.mkdir(exist_ok=True)
    lines = ",\n".join(compact(case) for case in cases)
    (FOLDER / "candidates.json").write_text(
        f'{{"count":{K},"vocabulary":{compact(vocabulary)},"cases":[\n{lines}\n]}}\n')


def nearest(words: list[str], vectors: numpy.ndarray, queries: list[str], count: int) -> list[dict]:
    unit = vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    found = []
    for query in queries:
        cosines = unit @ unit[words.index(query)]
        cosines[words.index(query)] = -numpy.inf
        order = numpy.argsort(-cosines, kind="stable")[:count]
        assert numpy.diff(-numpy.sort(-cosines)[:count + 1]).max() < -1e-6, query
        found.append({"word": query, "neighbours": [words[index] for index in order]})
    return found


def neighbours(data: Path | None) -> None:
    random = numpy.random.default_rng(5)
    words = [f"w{index}" for index in range(37)]
    texts = [[f"{value:.4f}" for value in row] for row in random.normal(size=(len(words), 11))]
    vectors = numpy.array([[float(value) for value in row] for row in texts])
    file = "".join(f"{word} {' '.join(row)}\n" for word, row in zip(words, texts))
    result = {"file": file, "random": nearest(words, vectors, ["w0", "w17", "w36"], 15)}
    path = FOLDER / "neighbours.json"
    if data is None:
        result["glove"] = json.loads(path.read_text())["glove"] if path.exists() else []
    else:
        lines = (data / "glove_slice" / "glove.6B.50d.slice.txt").read_text().splitlines()
        words = [line.split(" ")[0] for line in lines]
        vectors = numpy.array([[float(value) for value in line.split(" ")[1:]] for line in lines])
        result["glove"] = nearest(words, vectors, ["film", "good", "terrible", "quickly", "france"], 15)
    path.write_text(compact(result) + "\n")


if __name__ == "__main__":
    candidates()
    folder = os.environ.get("RETORT_DATA")
    neighbours(Path(folder) if folder else None)
