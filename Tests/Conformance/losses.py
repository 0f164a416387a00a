"""Trains a checkpoint in PyTorch and with `retort bench train` on the same batches, and compares the losses.

    losses.py --retort .build/release/retort --model models/minilm --data sst2/train.tsv [--steps 50] [--tolerance 1e-3]

Dropout is off; AdamW, decay, clipping and the schedule are those of `retort bench train`.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

BATCH, RATE, DECAY, WARMUP = 32, 5e-5, 0.01, 0.1


def rows_of(path: str, count: int) -> list[tuple[str, int]]:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    header = lines[0].split("\t")
    sentence, label = header.index("sentence"), header.index("label")
    cells = [line.split("\t") for line in lines[1:count + 1]]
    return [(row[sentence].strip(), int(row[label])) for row in cells]


def theirs(model, folder: str, rows: list[tuple[str, int]], steps: int, total: int) -> list[float]:
    import torch
    from transformers import AutoTokenizer, get_linear_schedule_with_warmup
    tokenizer = AutoTokenizer.from_pretrained(folder)
    plain = ("bias", "LayerNorm")
    named = list(model.named_parameters())
    groups = [{"params": [p for n, p in named if not any(word in n for word in plain)], "weight_decay": DECAY},
              {"params": [p for n, p in named if any(word in n for word in plain)], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    schedule = get_linear_schedule_with_warmup(optimizer, round(WARMUP * total), total)
    model.train()
    losses = []
    for step in range(steps):
        batch = rows[step * BATCH:(step + 1) * BATCH]
        inputs = tokenizer([text for text, _ in batch], padding=True, truncation=True, max_length=128,
                           return_tensors="pt")
        optimizer.zero_grad()
        loss = model(**inputs, labels=torch.tensor([label for _, label in batch])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss))
    return losses


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retort", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    options = parser.parse_args()
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification
    torch.manual_seed(7)
    model = BertForSequenceClassification.from_pretrained(
        options.model, num_labels=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    rows = rows_of(options.data, (options.steps + 1) * BATCH)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(options.model).save_pretrained(folder)
        vocabulary = Path(options.model) / "vocab.txt"
        (Path(folder) / "vocab.txt").write_bytes(vocabulary.read_bytes())
        written = Path(folder) / "losses"
        subprocess.run([options.retort, "bench", "train", "--model", folder, "--data", options.data, "--dropout", "0",
                        "--order", "file", "--batch", str(BATCH), "--sentences", str(len(rows)), "--rounds", "1",
                        "--losses", str(written), "--json"], check=True, stdout=subprocess.DEVNULL)
        mine = [float(line) for line in written.read_text().split()][:options.steps]
        # One pass to warm up and one that is timed.
        reference = theirs(model, folder, rows, options.steps, 2 * (len(rows) // BATCH))
    worst = max(abs(a - b) / abs(b) for a, b in zip(mine, reference))
    print(json.dumps({"steps": len(mine), "first": reference[0], "last": reference[-1],
                      "largest_relative_difference": worst}))
    return 0 if len(mine) == options.steps and worst <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
