"""Scores of prediction files by scikit-learn, SciPy and seqeval, and the paired interval of two files' difference.

    task_metrics.py --kind ranking --metric mrr OURS.tsv THEIRS.tsv
"""
from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path


def parse(kind: str, text: str) -> list:
    """The units that a bootstrap draws: examples, tagged sentences, or queries with their candidates."""
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    if kind == "classification":
        return [(int(row[1]), int(row[2])) for row in rows]
    if kind == "regression":
        return [(float(row[1]), float(row[2])) for row in rows]
    if kind == "tagging":
        return [(row[1].split(" "), row[2].split(" ")) for row in rows]
    queries: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        queries[row[1]].append((float(row[2]), float(row[3])))
    # Who asks what nothing answers cannot be answered well or badly: such queries are left out, as everywhere.
    return [query for query in queries.values() if any(grade > 0 for grade, _ in query)]


def score(metric: str, units: list) -> float:
    if metric == "mrr":
        return sum(reciprocal(query) for query in units) / len(units)
    if metric == "ndcg":
        from sklearn.metrics import ndcg_score
        rated = [[list(side) for side in zip(*query)] for query in units]
        return sum(ndcg_score([grades], [scores], k=10, ignore_ties=True) if len(grades) > 1 and any(grades) else 0.0
                   for grades, scores in rated) / len(rated)
    truth, answers = [list(side) for side in zip(*units)]
    if metric == "entity_f1":
        from seqeval.metrics import f1_score
        return f1_score(truth, answers)
    if metric == "spearman":
        from scipy.stats import spearmanr
        return float(spearmanr(truth, answers).statistic)
    from sklearn import metrics
    return {"accuracy": metrics.accuracy_score, "f1": metrics.f1_score,
            "matthews": metrics.matthews_corrcoef}[metric](truth, answers)


def reciprocal(query: list[tuple[float, float]]) -> float:
    ranked = sorted(query, key=lambda pair: -pair[1])
    return next((1 / rank for rank, (grade, _) in enumerate(ranked, 1) if grade > 0), 0.0)


def paired(metric: str, ours: list, theirs: list, rounds: int = 1_000, seed: int = 1) -> dict:
    """The difference with its 95 % interval: the same units are drawn for both."""
    import random
    generator = random.Random(seed)
    differences = []
    for _ in range(rounds):
        chosen = [generator.randrange(len(ours)) for _ in ours]
        differences.append(score(metric, [ours[index] for index in chosen])
                           - score(metric, [theirs[index] for index in chosen]))
    differences.sort()
    return {"ours": score(metric, ours), "theirs": score(metric, theirs),
            "difference": score(metric, ours) - score(metric, theirs),
            "low": differences[int(0.025 * rounds)], "high": differences[int(0.975 * rounds) - 1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--metric", required=True)
    parser.add_argument("ours", type=Path)
    parser.add_argument("theirs", type=Path)
    options = parser.parse_args()
    ours, theirs = (parse(options.kind, path.read_text()) for path in (options.ours, options.theirs))
    print(json.dumps(paired(options.metric, ours, theirs)))


if __name__ == "__main__":
    main()
