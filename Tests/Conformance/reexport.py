"""Compares a checkpoint with what Retort writes of it again: tensors to the bit, and what other libraries load.

    retort export models/minilm --as huggingFace --output DIR
    reexport.py models/minilm DIR --texts Tests/Conformance/sentences.txt

AutoModel, AutoTokenizer and Sentence-Transformers (with mean pooling) load both folders and must give the same numbers.
"""
import argparse
import sys
from pathlib import Path


def check(original: Path, written: Path, texts: list[str]) -> list[str]:
    import torch
    from safetensors.torch import load_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoModel, AutoTokenizer
    faults = []
    before, after = (load_file(folder / "model.safetensors") for folder in (original, written))
    # Positions are counted, not learnt: newer versions of transformers do not store them.
    before.pop("embeddings.position_ids", None)
    after.pop("embeddings.position_ids", None)
    if before.keys() != after.keys():
        faults.append(f"tensors {sorted(before.keys() ^ after.keys())}")
    faults += [f"{name} differs" for name in before.keys() & after.keys()
               if before[name].dtype != after[name].dtype or not torch.equal(before[name], after[name])]
    models = []
    for folder in (original, written):
        model, report = AutoModel.from_pretrained(folder, output_loading_info=True)
        faults += [f"{folder.name}: {name} {sorted(map(str, values))}" for name, values in report.items() if values]
        models.append(model.eval())
    tokenizers = [AutoTokenizer.from_pretrained(folder) for folder in (original, written)]
    with torch.no_grad():
        for text in texts:
            inputs = [tokenizer(text, return_tensors="pt", truncation=True, max_length=128) for tokenizer in tokenizers]
            if not torch.equal(inputs[0]["input_ids"], inputs[1]["input_ids"]):
                faults.append(f"tokens of “{text}”")
            elif not torch.equal(models[0](**inputs[0])[0], models[1](**inputs[1])[0]):
                faults.append(f"states of “{text}”")
    vectors = []
    for folder in (original, written):
        encoder = Transformer(str(folder), max_seq_length=128)
        pooling = Pooling(encoder.get_embedding_dimension(), pooling_mode="mean")
        vectors.append(SentenceTransformer(modules=[encoder, pooling], device="cpu").encode(texts))
    vectors.append(SentenceTransformer(str(written), device="cpu").encode(texts))
    faults += ["Sentence-Transformers' vectors differ" for other in vectors[1:]
               if other.shape != vectors[0].shape or abs(other - vectors[0]).max() > 1e-5]
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("original", type=Path)
    parser.add_argument("written", type=Path)
    parser.add_argument("--texts", type=Path, required=True)
    options = parser.parse_args()
    texts = [line for line in options.texts.read_text(encoding="utf-8").splitlines() if line][:100]
    faults = check(options.original, options.written, texts)
    print(f"{options.written}: " + ("; ".join(faults) or f"as {options.original}, on {len(texts)} sentences"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
