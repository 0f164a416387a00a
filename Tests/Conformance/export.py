"""Loads an exported model with transformers and compares its logits with `retort predict` on the same sentences.

    export.py --retort .build/release/retort --model out/quickstart --texts FILE [--sentences 100] [--tolerance 1e-4]
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path


def ours(program: str, model: str, sentences: list[str]) -> list[list[float]]:
    result = subprocess.run([program, "predict", model, "--json"], input="\n".join(sentences) + "\n",
                            capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return [row["logits"] for row in rows if "logits" in row]


def theirs(model: str, sentences: list[str]) -> tuple[list[list[float]], dict]:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(model)
    network, report = AutoModelForSequenceClassification.from_pretrained(model, output_loading_info=True)
    network.eval()
    with torch.no_grad():
        rows = [network(**tokenizer(text, return_tensors="pt", truncation=True)).logits[0].tolist() for text in sentences]
    return rows, report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retort", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    sentences = [line for line in Path(options.texts).read_text(encoding="utf-8").splitlines() if line][:options.sentences]
    reference, report = theirs(options.model, sentences)
    left_over = {name: list(values) for name, values in report.items() if values}
    mine = ours(options.retort, options.model, sentences)
    if len(mine) != len(reference):
        print(f"{len(mine)} answers for {len(reference)} sentences", file=sys.stderr)
        return 1
    worst = max(abs(a - b) for row, other in zip(mine, reference) for a, b in zip(row, other))
    print(json.dumps({"sentences": len(sentences), "largest_difference": worst, "loading": left_over}))
    return 0 if worst <= options.tolerance and not left_over else 1


if __name__ == "__main__":
    sys.exit(main())
