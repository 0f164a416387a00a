"""Fine-tunes a checkpoint in PyTorch on the examples that Retort imported, and writes its predictions as `Evaluate` does.

    finetune_torch.py --kind ranking --model models/minilm --train DIR --dev DIR --test DIR --metric mrr --predictions FILE

The three folders are those of the parts of a `TaskSplits` (`retort show data.train --json`). The recipe is that of `FineTune`: AdamW
without decay on biases and norms, linear warm-up over a tenth of the steps, then linearly down, clipping at norm 1, the
epoch that is best on the dev part. Batches are bucketed by length, which is PyTorch's faster way; sums are padded.
"""
from __future__ import annotations

import argparse
import copy
import json
import math
import random
import time
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=("classification", "regression", "tagging", "ranking"), required=True)
    for name in ("model", "train", "dev", "test"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--metric", required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--predictions", type=Path, required=True)
    return parser.parse_args()


def read(folder: Path) -> tuple[list[dict], dict]:
    schema = json.loads((folder / "schema.json").read_text())
    return [json.loads(line) for line in (folder / "examples.jsonl").read_text().splitlines()], schema


class Examples:
    """Token ids and targets; a tagged word's label stands on its first piece."""

    def __init__(self, rows: list[dict], kind: str, tokenizer, length: int):
        self.rows, self.kind = rows, kind
        if kind == "tagging":
            encoded = [tokenizer.encode(row["words"], is_pretokenized=True) for row in rows]
        else:
            encoded = [tokenizer.encode(row["text"], row.get("pair")) for row in rows]
        self.ids = [item.ids for item in encoded]
        self.types = [item.type_ids for item in encoded]
        self.targets: list = []
        # The word whose first piece a token is, or none.
        self.words: list[list[int | None]] = []
        for row, item in zip(rows, encoded):
            if kind != "tagging":
                self.targets.append(row.get("value", row.get("label")))
                continue
            firsts, seen = [], None
            for word in item.word_ids:
                firsts.append(word if word is not None and word != seen else None)
                seen = word if word is not None else seen
            self.words.append(firsts)
            self.targets.append([-100 if word is None else row["tags"][word] for word in firsts])

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, members: list[int]):
        import torch
        width = max(len(self.ids[index]) for index in members)
        pad = lambda row, value: list(row) + [value] * (width - len(row))
        tensors = {"input_ids": torch.tensor([pad(self.ids[index], 0) for index in members]),
                   "token_type_ids": torch.tensor([pad(self.types[index], 0) for index in members]),
                   "attention_mask": torch.tensor([pad([1] * len(self.ids[index]), 0) for index in members])}
        if self.kind == "tagging":
            return tensors, torch.tensor([pad(self.targets[index], -100) for index in members])
        numeric = torch.float32 if self.kind in ("regression", "ranking") else torch.long
        return tensors, torch.tensor([self.targets[index] for index in members], dtype=numeric)


def loss_of(kind: str, logits, targets):
    from torch.nn import functional
    if kind == "regression":
        return functional.mse_loss(logits.squeeze(-1), targets)
    if kind == "ranking":
        return functional.binary_cross_entropy_with_logits(logits.squeeze(-1), (targets > 0).float())
    if kind == "tagging":
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    return functional.cross_entropy(logits, targets)


def predict(model, examples: Examples, names: list[str]) -> list:
    """A class with its logits, a number, or a tag for each word (`O` for words that were cut off), an example each."""
    import torch
    order = sorted(range(len(examples)), key=lambda index: len(examples.ids[index]))
    answers: list = [None] * len(examples)
    model.eval()
    with torch.no_grad():
        for start in range(0, len(order), 32):
            members = order[start:start + 32]
            tensors, _ = examples.batch(members)
            for index, row in zip(members, model(**tensors).logits):
                if examples.kind == "tagging":
                    tags = ["O" if "O" in names else names[0]] * len(examples.rows[index]["words"])
                    for place, word in enumerate(examples.words[index]):
                        if word is not None:
                            tags[word] = names[int(row[place].argmax())]
                    answers[index] = tags
                elif examples.kind == "classification":
                    answers[index] = (int(row.argmax()), row.tolist())
                else:
                    answers[index] = float(row[0])
    return answers


def table(examples: Examples, answers: list, names: list[str]) -> str:
    """What `Evaluate` writes of the same answers."""
    lines = []
    for index, (row, answer) in enumerate(zip(examples.rows, answers)):
        if examples.kind == "classification":
            lines.append(f"{index}\t{row['label']}\t{answer[0]}\t{' '.join(map(str, answer[1]))}")
        elif examples.kind == "regression":
            lines.append(f"{index}\t{row['value']}\t{answer}")
        elif examples.kind == "tagging":
            truth = ["_" if tag < 0 else names[tag] for tag in row["tags"]]
            lines.append(f"{index}\t{' '.join(truth)}\t{' '.join(answer)}")
        else:
            lines.append(f"{index}\t{row['group']}\t{row['value']}\t{answer}")
    head = {"classification": "index\tlabel\tprediction\tlogits", "ranking": "index\tquery\tlabel\tprediction"}
    return "\n".join([head.get(examples.kind, "index\tlabel\tprediction")] + lines) + "\n"


def main() -> None:
    options = arguments()
    import torch
    import transformers
    import task_metrics
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    from tokenizers import BertWordPieceTokenizer
    tokenizer = BertWordPieceTokenizer(str(options.model / "vocab.txt"), lowercase=True)
    tokenizer.enable_truncation(options.length)

    rows, schema = read(options.train)
    names = schema["labels"]
    train = Examples(rows, options.kind, tokenizer, options.length)
    dev, test = (Examples(read(folder)[0], options.kind, tokenizer, options.length)
                 for folder in (options.dev, options.test))
    outputs = len(names) if options.kind in ("classification", "tagging") else 1
    kind = (transformers.AutoModelForTokenClassification if options.kind == "tagging"
            else transformers.AutoModelForSequenceClassification)
    model = kind.from_pretrained(options.model, num_labels=outputs)
    plain = [value for name, value in model.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
    others = [value for name, value in model.named_parameters() if not (name.endswith("bias") or "LayerNorm" in name)]
    optimizer = torch.optim.AdamW([{"params": others, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}],
                                  lr=options.learning_rate, fused=True)
    total = math.ceil(len(train) / options.batch) * options.epochs
    warm = max(1, round(0.1 * total))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (total - step) / max(1, total - warm))))

    seconds, best = 0.0, None
    for epoch in range(options.epochs):
        model.train()
        began = time.perf_counter()
        order = sorted(range(len(train)), key=lambda index: (len(train.ids[index]), random.random()))
        batches = [order[start:start + options.batch] for start in range(0, len(order), options.batch)]
        random.shuffle(batches)
        for members in batches:
            tensors, targets = train.batch(members)
            loss_of(options.kind, model(**tensors).logits, targets).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
        seconds += time.perf_counter() - began
        score = task_metrics.score(options.metric, task_metrics.parse(options.kind, table(dev, predict(model, dev, names), names)))
        if best is None or score > best[0]:
            best = (score, epoch + 1, copy.deepcopy(model.state_dict()))
    model.load_state_dict(best[2])
    options.predictions.write_text(table(test, predict(model, test, names), names))
    print(json.dumps({"dev": best[0], "best_epoch": best[1], "training_seconds": round(seconds, 1)}))


if __name__ == "__main__":
    main()
