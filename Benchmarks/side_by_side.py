"""Times Retort beside PyTorch, ONNX Runtime and tokenizers on the same checkpoint, sentences and batches.

    side_by_side.py --retort .build/release/retort --peers DIR --model models/minilm --data DIR [--rounds 5] [--only train]

`--peers` is a folder with train_torch.py, distill_torch.py, infer_ort.py and tokenize_hf.py, each of which takes --model,
--data, --threads, --rounds and --json and prints JSON lines; `--data` holds sst2/train.tsv. Retort is timed before and after
each peer, so that a drift of the machine touches both; its median of both is compared. Tables are Markdown.
"""
import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path


class Bench:
    def __init__(self, options):
        self.options = options
        self.sentences = str(Path(options.data) / "sst2" / "train.tsv")

    def ours(self, what: str, *extra: str) -> dict:
        command = [self.options.retort, "bench", what, "--model", self.options.model, "--data", self.sentences, "--rounds",
                   str(self.options.rounds), "--json", *extra]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])

    def peer(self, script: str, *extra: str) -> list[dict]:
        command = [sys.executable, script, "--model", str(Path(self.options.model).resolve()), "--data",
                   str(Path(self.options.data).resolve()), "--rounds", str(self.options.rounds), "--json", *extra]
        run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=self.options.peers)
        return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def between(first: dict, last: dict, field: str = "sentences_per_second") -> float:
    return statistics.mean((first[field], last[field]))


def spread(first: dict, last: dict) -> str:
    low, high = sorted((first["sentences_per_second"], last["sentences_per_second"]))
    return f"{low:,.0f} … {high:,.0f}"


def training(bench: Bench, what: str, script: str) -> None:
    ours = ("--sentences", "1024", "--threads", "2")
    first = bench.ours(what, *ours)
    rows = bench.peer(script, "--sentences", "1024", "--threads", "2",
                      *(("--attention", "sdpa") if what == "train" else ()))
    last = bench.ours(what, *ours)
    mine = between(first, last)
    print(f"\n{what}: Retort {mine:,.0f} sentences/s ({spread(first, last)}), mfu {between(first, last, 'mfu'):.3f}, peak "
          f"memory {between(first, last, 'peak_rss_bytes') / 2**20:,.0f} MiB; 2 threads, batch 32, shuffled\n")
    print("| beside | sentences/s | Retort's ratio | its peak memory, MiB |\n| --- | ---: | ---: | ---: |")
    for row in rows:
        if "sentences_per_s" in row:
            print(f"| {row['case']} | {row['sentences_per_s']:,.0f} | {mine / row['sentences_per_s']:.2f} "
                  f"| {row['peak_rss_mb']:,.0f} |")


def inference(bench: Bench) -> None:
    def measure() -> dict:
        cases = {}
        for precision in ("f32", "int8"):
            for batch in (1, 32):
                for threads in (1, 2):
                    cases[precision, batch, threads] = bench.ours(
                        "infer", "--sentences", "512", "--precision", precision, "--batch", str(batch), "--threads",
                        str(threads))
        return cases
    first = measure()
    rows = bench.peer("infer_ort.py", "--sentences", "512", "--threads", "1")
    last = measure()
    mine = {case: between(first[case], last[case]) for case in first}
    print("\ninfer, sentences/s of Retort\n")
    print("| | batch 32, 1 thread | 2 threads | ratio | batch 1, 1 thread | 2 threads | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for precision in ("f32", "int8"):
        cells = []
        for batch in (32, 1):
            one, two = mine[precision, batch, 1], mine[precision, batch, 2]
            cells += [f"{one:,.0f}", f"{two:,.0f}", f"{two / one:.2f}"]
        print(f"| {precision} | " + " | ".join(cells) + " |")
    print(f"\nint8 / f32 at batch 32: {mine['int8', 32, 1] / mine['f32', 32, 1]:.2f}\n")
    print("| beside, 1 thread | layout | sentences/s | Retort's ratio |\n| --- | --- | ---: | ---: |")
    for row in rows:
        if "engine" in row and row["layout"] != "batch32-bucketed":
            precision = "int8" if "int8" in row["engine"] else "f32"
            batch = 1 if row["layout"] == "batch1" else 32
            print(f"| {row['engine']} | {row['layout']} | {row['sentences_per_s']:,.0f} "
                  f"| {mine[precision, batch, 1] / row['sentences_per_s']:.2f} |")


def tokenizing(bench: Bench) -> None:
    ours = ("--sentences", "20000", "--threads", "1")
    first = bench.ours("tokenize", *ours)
    row = [row for row in bench.peer("tokenize_hf.py", "--sentences", "20000") if "tokens_per_s" in row][-1]
    last = bench.ours("tokenize", *ours)
    mine = between(first, last, "tokens_per_second")
    print(f"\ntokenize: Retort {mine:,.0f} tokens/s, tokenizers {row['tokens_per_s']:,.0f}, ratio "
          f"{mine / row['tokens_per_s']:.1f}; one core")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("retort", "peers", "model", "data"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("train", "distill", "infer", "tokenize"))
    options = parser.parse_args()
    bench = Bench(options)
    wanted = (options.only,) if options.only else ("train", "distill", "infer", "tokenize")
    for what in wanted:
        if what == "train":
            training(bench, "train", "train_torch.py")
        elif what == "distill":
            training(bench, "distill", "distill_torch.py")
        elif what == "infer":
            inference(bench)
        else:
            tokenizing(bench)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
