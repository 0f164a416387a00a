"""Runs models that Retort exported to ONNX in ONNX Runtime, and compares them with Retort's own answers.

    onnx_export.py answers --retort .build/release/retort --texts FILE MODEL…
    onnx_export.py accuracy --retort .build/release/retort --f32 FOLDER --int8 FOLDER --data DIR/sst2

A MODEL is a folder or a label of the cache (--cache). `answers` exports each, has the ONNX checker read the
file (with shape inference), and compares logits on sentences one by one and in padded batches: within --tolerance for
f32; for int8, whose scales DynamicQuantizeLinear draws from whole batches, predictions must agree for --agreement of the
sentences. `accuracy` exports both folders and compares the int8 file in ONNX Runtime with `retort predict` of the same
int8 model, row by row, on SST-2's dev set and on training rows that were held out: the paired 95 % interval of the
difference must lie within ± --margin. `--threads` are ONNX Runtime's.
"""
import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np


def export(options, model: str, folder: Path, activations: str = "standard") -> Path:
    subprocess.run([options.retort, "export", model, "--as", "onnx", "--output", str(folder), "--cache", options.cache,
                    "--activations", activations], check=True, stdout=subprocess.DEVNULL)
    return next((folder / "onnx").glob("*.onnx"))


def check(path: Path) -> None:
    import onnx
    onnx.checker.check_model(str(path), full_check=True)


def ours(options, model: str, sentences: list[str], batch: int = 32) -> np.ndarray:
    result = subprocess.run([options.retort, "predict", model, "--json", "--batch", str(batch), "--cache", options.cache],
                            input="\n".join(sentences) + "\n", capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return np.array([row["logits"] for row in rows if "logits" in row], dtype=np.float32)


class Runtime:
    """A file in ONNX Runtime, with the tokenizer of its folder."""

    def __init__(self, path: Path, threads: int):
        import onnxruntime
        from transformers import AutoTokenizer
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.tokenizer = AutoTokenizer.from_pretrained(path.parent.parent)

    def logits(self, sentences: list[str], batch: int) -> np.ndarray:
        rows = []
        for start in range(0, len(sentences), batch):
            inputs = self.tokenizer(sentences[start:start + batch], padding=True, truncation=True, return_tensors="np")
            feed = {item.name: inputs[item.name].astype(np.int64) for item in self.session.get_inputs()}
            rows.append(self.session.run(["logits"], feed)[0])
        return np.concatenate(rows)


def compare(options, model: str, path: Path, sentences: list[str]) -> dict:
    """Logits of one file and of the model that it was exported from, sentence by sentence and in padded batches."""
    check(path)
    runtime = Runtime(path, options.threads)
    result = {"model": model, "file": path.name, "bytes": path.stat().st_size}
    for name, batch in (("alone", 1), ("padded", 32)):
        mine = ours(options, model, sentences, batch)
        theirs = runtime.logits(sentences, batch)
        result[f"largest_difference_{name}"] = float(np.abs(theirs - mine).max())
        result[f"agreement_{name}"] = float((theirs.argmax(-1) == mine.argmax(-1)).mean())
    # Rows of nothing but padding.
    empty = {item.name: np.zeros((2, 5), np.int64) for item in runtime.session.get_inputs()}
    result["finite"] = bool(np.isfinite(runtime.session.run(["logits"], empty)[0]).all())
    return result


def answers(options) -> int:
    lines = Path(options.texts).read_text(encoding="utf-8").splitlines()
    sentences = [line for line in lines if line][:options.sentences]
    fine = True
    sizes: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as work:
        for model in filter(None, options.only_check.split(",")):
            check(export(options, model, Path(work) / f"check-{len(sizes)}-{Path(model).name}"))
        for number, model in enumerate(options.models):
            path = export(options, model, Path(work) / str(number))
            result = compare(options, model, path, sentences)
            results = [result]
            is_int8 = "quantized" in path.name
            sizes["int8" if is_int8 else model] = result["bytes"]
            if is_int8:
                exact = export(options, model, Path(work) / f"{number}-exact", "exact")
                results.append(compare(options, model, exact, sentences) | {"activations": "exact"})
            for result in results:
                print(json.dumps(result), flush=True)
                fine &= result["finite"] and all(
                    result[f"agreement_{name}"] >= options.agreement if is_int8
                    else result[f"largest_difference_{name}"] <= options.tolerance for name in ("alone", "padded"))
    if "int8" in sizes and options.dense:
        ratio = sizes["int8"] / sizes[options.dense]
        fine &= ratio <= options.ratio
        print(json.dumps({"int8_bytes_to_f32": round(ratio, 4)}))
    return 0 if fine else 1


def rows_of(path: Path) -> list[tuple[str, int]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = lines[0].split("\t")
    sentence, label = header.index("sentence"), header.index("label")
    cells = [line.split("\t") for line in lines[1:]]
    return [(row[sentence].strip(), int(row[label])) for row in cells]


def interval(differences: np.ndarray) -> tuple[float, float, float]:
    """Mean of paired differences with its 95 % interval, in points."""
    mean, error = differences.mean(), differences.std(ddof=1) / math.sqrt(len(differences))
    return 100 * mean, 100 * (mean - 1.96 * error), 100 * (mean + 1.96 * error)


def accuracy(options) -> int:
    folder = Path(options.data)
    dev = rows_of(folder / "dev.tsv")
    train = rows_of(folder / "train.tsv")
    # Spread over the file, so that they are no run of one source.
    step = max(1, len(train) // max(1, options.rows))
    held = [] if options.rows == 0 else train[step // 2::step][:options.rows]
    rows = dev + held
    sentences, labels = [row[0] for row in rows], np.array([row[1] for row in rows])
    with tempfile.TemporaryDirectory() as work:
        dense = export(options, options.f32, Path(work) / "f32")
        small = export(options, options.int8, Path(work) / "int8", options.activations)
        check(dense)
        check(small)
        mine = ours(options, options.int8, sentences, options.batch).argmax(-1)
        theirs = Runtime(small, options.threads).logits(sentences, options.batch).argmax(-1)
        full = Runtime(dense, options.threads).logits(sentences, options.batch).argmax(-1)
        sizes = small.stat().st_size / dense.stat().st_size
    mean, low, high = interval((theirs == labels).astype(float) - (mine == labels).astype(float))
    result = {"rows": len(rows), "dev": len(dev), "batch": options.batch, "retort_int8": (mine == labels).mean(),
              "onnx_int8": (theirs == labels).mean(), "onnx_f32": (full == labels).mean(),
              "dev_retort_int8": (mine == labels)[:len(dev)].mean(), "dev_onnx_int8": (theirs == labels)[:len(dev)].mean(),
              "equal_predictions": (mine == theirs).mean(), "difference_points": mean, "interval": [low, high],
              "int8_bytes_to_f32": sizes}
    print(json.dumps(result, default=float))
    return 0 if low >= -options.margin and high <= options.margin and sizes <= options.ratio else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    first = commands.add_parser("answers")
    first.add_argument("models", nargs="+")
    first.add_argument("--texts", required=True)
    first.add_argument("--sentences", type=int, default=100)
    first.add_argument("--tolerance", type=float, default=1e-4)
    first.add_argument("--agreement", type=float, default=0.95)
    first.add_argument("--only-check", default="", help="models without logits of texts, with commas between them")
    first.add_argument("--dense", help="the model whose file the int8 one is compared with")
    first.set_defaults(run=answers)
    second = commands.add_parser("accuracy")
    second.add_argument("--f32", required=True)
    second.add_argument("--int8", required=True)
    second.add_argument("--data", required=True)
    second.add_argument("--rows", type=int, default=6000, help="training rows; give models that did not see them")
    second.add_argument("--batch", type=int, default=32)
    second.add_argument("--activations", default="standard")
    second.add_argument("--margin", type=float, default=0.5)
    second.set_defaults(run=accuracy)
    for command in (first, second):
        command.add_argument("--retort", required=True)
        command.add_argument("--cache", default="cache")
        command.add_argument("--threads", type=int, default=2)
        command.add_argument("--ratio", type=float, default=0.3)
    options = parser.parse_args()
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
