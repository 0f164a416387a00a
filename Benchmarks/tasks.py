"""Six public tasks of four kinds in Retort and in PyTorch, on the same rows: a page for docs/results.

    tasks.py --program .build/release/tasks --retort .build/release/retort --model models/minilm --data DIR
             --cache out/tasks --report docs/results/tasks.md [--only stsb,mrpc]

Each task runs `pipelines/tasks` (import, fine-tune, evaluate); PyTorch then learns from the rows that were imported. Intervals are
of the paired difference over 1,000 draws of the test part.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import task_metrics

# Kind, metric, epochs, length, floor.
TASKS = {
    "stsb": ("regression", "spearman", 4, 128, 0.80),
    "mrpc": ("classification", "f1", 4, 128, 0.84),
    "cola": ("classification", "matthews", 5, 128, 0.20),
    "wnut17": ("tagging", "entity_f1", 6, 128, 0.30),
    "wikiqa": ("ranking", "mrr", 2, 128, 0.65),
    "scifact": ("ranking", "ndcg", 1, 256, None),
}


class Runner:
    def __init__(self, options):
        self.options = options

    def show(self, label: str, cache: Path) -> dict:
        command = [self.options.retort, "show", label, "--cache", str(cache), "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def run(self, task: str) -> dict:
        kind, metric, epochs, length, floor = TASKS[task]
        cache = self.options.cache / task
        subprocess.run(
            [self.options.program, "--task", task, "--model", self.options.model, "--data", self.options.data, "--cache",
             str(cache), "--progress", "plain"], check=True, stdout=subprocess.DEVNULL)
        parts = {part: self.show(f"data.{part}", cache)["location"] for part in ("train", "dev", "test")}
        theirs = self.options.cache / f"{task}-torch.tsv"
        log = self.options.cache / f"{task}-torch.json"
        if not theirs.exists() or not log.exists():
            found = subprocess.run(
                [sys.executable, str(Path(__file__).parent / "finetune_torch.py"), "--kind", kind, "--metric", metric,
                 "--model", self.options.model, "--epochs", str(epochs), "--length", str(length), "--threads",
                 str(self.options.threads), "--predictions",
                 str(theirs), *(word for part, place in parts.items() for word in (f"--{part}", place))],
                check=True, capture_output=True, text=True)
            log.write_text(found.stdout.splitlines()[-1] + "\n")
        ours = Path(self.show("evaluation", cache)["location"]) / "predictions.tsv"
        rows = [task_metrics.parse(kind, path.read_text()) for path in (ours, theirs)]
        result = task_metrics.paired(metric, *rows)
        result |= {"task": task, "metric": metric, "units": len(rows[0]), "floor": floor,
                   "model": self.show("tuned", cache)["digest"]}
        return result


def page(results: list[dict], command: str) -> str:
    lines = [
        "# Six tasks", "",
        "MiniLM-L6 on public tasks of four kinds: import, fine-tune, evaluate, beside the same recipe in PyTorch on the same "
        "rows. Official test labels stay out: the dev part of a set is what is reported here, and a part of its training "
        "rows chose the epoch. SciFact's candidates are BM25's best 30. `docs/performance.md` compares speeds.", "",
        "```", f"$ {command}", "```", "",
        "| task | metric | n | Retort | PyTorch | difference, 95 % interval | floor |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |"]
    for row in results:
        floor = "–" if row["floor"] is None else f"{row['floor']:.2f}"
        lines.append(
            f"| {row['task']} | {row['metric']} | {row['units']:,} | {row['ours']:.3f} | {row['theirs']:.3f} "
            f"| {row['difference']:+.3f} ({row['low']:+.3f} … {row['high']:+.3f}) | {floor} |")
    lines += ["", "| task | fine-tuned model, SHA-256 |", "| --- | --- |"]
    lines += [f"| {row['task']} | `{row['model']}` |" for row in results]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("program", "retort", "model", "data"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--threads", type=int, default=2, help="PyTorch's")
    parser.add_argument("--only", default=",".join(TASKS))
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    runner = Runner(options)
    results = []
    for task in options.only.split(","):
        results.append(runner.run(task))
        print(json.dumps(results[-1]), flush=True)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(page(results, "python Benchmarks/tasks.py --program .build/release/tasks --retort .build/release/retort "
                                          "--cache out/tasks --model models/minilm --data data --report "
                                       f"{options.report}"))


if __name__ == "__main__":
    main()
