"""Reads the model card of an exported folder as hubs do.

    card.py FOLDER

Prints the front matter as JSON. The exit code is 1 where it is no valid front matter, or where its results are lost.
"""
import json
import sys
from pathlib import Path


def main() -> int:
    from huggingface_hub import ModelCard
    path = Path(sys.argv[1]) / "README.md"
    card = ModelCard.load(path)
    data = card.data.to_dict()
    print(json.dumps(data, ensure_ascii=False))
    stated = path.read_text(encoding="utf-8").count("    - type:")
    read = len(card.data.eval_results or [])
    if stated != read:
        print(f"{read} of {stated} results were read", file=sys.stderr)
        return 1
    return 0 if data.get("pipeline_tag") else 1


if __name__ == "__main__":
    sys.exit(main())
