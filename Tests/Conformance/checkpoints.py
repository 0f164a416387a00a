"""Checkpoints on real sentences: what transformers computes, for `FamilyGoldenTests.realSentences` to compare with.

    python Tests/Conformance/checkpoints.py MODEL SENTENCES OUT

MODEL is a folder of a BERT encoder with vocab.txt (models/minilm), SENTENCES a TSV whose first column is text, OUT a folder that
is written anew: the encoder itself, the same under a classifier, and a random model of every family, each on 500 sentences.
"""
from __future__ import annotations

import shutil
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer

sys.path.insert(0, str(Path(__file__).parent.parent / "Goldens"))
import families

COUNT = 500
SMALL = {"vocab_size": 30_522, "max_position_embeddings": 128, "num_hidden_layers": 4}
BLOCKS = {"hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 64}
SHAPES = {
    "bert": BLOCKS,
    "distilbert": {"dim": 32, "n_layers": 4, "n_heads": 4, "hidden_dim": 64},
    "roberta": {**BLOCKS, "type_vocab_size": 1},
    "albert": {**BLOCKS, "embedding_size": 16},
    "mobilebert": {"hidden_size": 48, "num_attention_heads": 4, "intermediate_size": 64, "embedding_size": 16,
                   "intra_bottleneck_size": 32},
}


def main() -> None:
    source, sentences, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    transformers.logging.set_verbosity_error()
    shutil.rmtree(out, ignore_errors=True)
    lines = sentences.read_text().splitlines()[1:COUNT + 1]
    tokenizer = BertWordPieceTokenizer(str(source / "vocab.txt"), lowercase=True)
    tokenizer.enable_truncation(64)
    ids = [torch.tensor([tokenizer.encode(line.split("\t")[0]).ids]) for line in lines]
    plain = [{"input_ids": row} for row in ids]

    def add(name: str, head: str, model) -> None:
        model = model.eval()
        model.save_pretrained(out / name)
        (out / name / "generation_config.json").unlink(missing_ok=True)
        golden = families.outputs(model.double(), head, plain, with_gradients=False)
        save_file(golden, out / name / "golden.safetensors")
        print(f"{name}: {len(plain)} sentences")

    add("minilm-encoder", "encoder", transformers.AutoModel.from_pretrained(source))
    torch.manual_seed(1)
    add("minilm-classifier", "classifier",
        transformers.AutoModelForSequenceClassification.from_pretrained(source, num_labels=3))
    families.COMMON = SMALL
    families.FAMILIES = SHAPES
    for index, name in enumerate(SHAPES):
        # Without norms, states of MobileBERT grow from block to block, until PyTorch's own F32 and F64 have nothing in common.
        families.SCALE = 0.1 if name == "mobilebert" else 0.3
        for head in ("encoder", "classifier"):
            add(f"{name}-{head}", head, families.build(name, head, index))


if __name__ == "__main__":
    main()
