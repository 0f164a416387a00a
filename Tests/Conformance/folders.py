"""Loads folders that Retort wrote with transformers: nothing may be missing, left over or of another shape.

    RETORT_CONFORMANCE=DIR swift test --filter foldersForTheReference
    folders.py DIR/classifier DIR/regression DIR/maskedLM DIR/encoder

Each folder is loaded by its architecture's Auto class and by AutoTokenizer; every stored tensor must come back with its
bits. The exit code is 1 where anything differs.
"""
import argparse
import json
import sys
from pathlib import Path


def check(folder: Path) -> list[str]:
    import torch
    from safetensors.torch import load_file
    from transformers import (AutoModel, AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer)
    kinds = {"BertModel": AutoModel, "BertForMaskedLM": AutoModelForMaskedLM,
             "BertForSequenceClassification": AutoModelForSequenceClassification}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model, report = kinds[config["architectures"][0]].from_pretrained(folder, output_loading_info=True)
    faults = [f"{name}: {sorted(map(str, values))}" for name, values in report.items() if values]
    state = model.state_dict()
    for name, tensor in load_file(folder / "model.safetensors").items():
        if name not in state or not torch.equal(state[name], tensor):
            faults.append(f"{name} has other values")
    if "id2label" in config and {str(k): v for k, v in model.config.id2label.items()} != config["id2label"]:
        faults.append(f"labels {model.config.id2label}")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    if len(tokenizer) != len(words):
        faults.append(f"{len(tokenizer)} tokens instead of {len(words)}")
    inputs = tokenizer(" ".join(words[5:9]), return_tensors="pt")
    if inputs["input_ids"][0].tolist() != [2, 5, 6, 7, 8, 3]:
        faults.append(f"ids {inputs['input_ids'].tolist()}")
    with torch.no_grad():
        if not torch.isfinite(model.eval()(**inputs)[0]).all():
            faults.append("the output is not finite")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    faults = {folder.name: check(folder) for folder in parser.parse_args().folders}
    print(json.dumps(faults))
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
