"""One epoch of SST-2 in Retort and in PyTorch with the same schedule, one after the other on the same cores.

    one_epoch.py --program .build/release/tasks --retort .build/release/retort --peer finetune_classifier.py
                 --model models/minilm --data data --cache out/one-epoch

`--peer` is a script that takes --model, --train, --dev, --epochs, --threads, --predictions and --json, and prints a record
with `seconds` and `accuracy`. Prints both, the ratio of their training times and the paired interval of their accuracies.
"""
from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import task_metrics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("program", "retort", "model", "data"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--peer", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    shutil.rmtree(options.cache, ignore_errors=True)
    options.cache.mkdir(parents=True)
    cache = str(options.cache / "cache")
    subprocess.run(
        [options.program, "--task", "sst2", "--model", options.model, "--data", options.data, "--cache", cache, "--threads",
         "2", "--progress", "plain"], check=True, stdout=subprocess.DEVNULL)

    def show(label: str) -> dict:
        command = [options.retort, "show", label, "--cache", cache, "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    folder = Path(options.data).resolve() / "sst2"
    theirs = options.cache.resolve() / "torch.tsv"
    run = subprocess.run(
        [sys.executable, options.peer.name, "--model", str(Path(options.model).resolve()), "--train",
         str(folder / "train.tsv"), "--dev", str(folder / "dev.tsv"), "--epochs", "1", "--threads", "2", "--predictions",
         str(theirs), "--json"], check=True, capture_output=True, text=True, cwd=options.peer.resolve().parent)
    peer = json.loads([line for line in run.stdout.splitlines() if line.startswith("{")][-1])
    ours = Path(show("evaluation")["location"]) / "predictions.tsv"
    rows = [task_metrics.parse("classification", path.read_text()) for path in (ours, theirs)]
    result = task_metrics.paired("accuracy", *rows)
    seconds = show("tuned")["details"]["seconds"]
    result |= {"seconds": seconds, "torch_seconds": peer["seconds"], "ratio": round(seconds / peer["seconds"], 3)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
