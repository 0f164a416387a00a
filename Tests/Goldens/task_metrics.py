"""Scores of tags, rankings, calibration and pairs by seqeval, scikit-learn and SciPy on seeded predictions."""
import json
import random
import warnings
from pathlib import Path

import numpy
from scipy import stats
from seqeval import metrics as seqeval
from seqeval.metrics import v1
from seqeval.scheme import IOB2, IOBES
from sklearn import metrics

BINS = 15


def tags(dice: random.Random, prefixes: str, words: int) -> list[str]:
    """Tags that often break the scheme."""
    names = ["O"] + [f"{prefix}-{kind}" for prefix in prefixes for kind in ("PER", "LOC", "a-b")] + [prefixes[0]]
    row, last = [], "O"
    for _ in range(words):
        roll = dice.random()
        if roll < 0.35:
            last = "O"
        elif roll < 0.6 and last != "O":
            last = "I" + last[1:]
        else:
            last = dice.choice(names)
        row.append(last)
    return row


def entities(dice: random.Random, prefixes: str, scheme) -> dict:
    labels = [tags(dice, prefixes, dice.randrange(1, 14)) for _ in range(60)]
    chosen = [[tag if dice.random() < 0.75 else dice.choice(row + ["O"]) for tag in row] for row in labels]
    kinds = sorted({kind for kind, _, _ in seqeval.sequence_labeling.get_entities(labels)}
                   | {kind for kind, _, _ in seqeval.sequence_labeling.get_entities(chosen)})
    lenient = seqeval.classification_report(labels, chosen, output_dict=True, zero_division=0)
    strict = v1.classification_report(labels, chosen, output_dict=True, zero_division=0, scheme=scheme)

    def row(report: dict, name: str) -> list[float]:
        found = report.get(name)
        return [0.0, 0.0, 0.0, 0] if found is None else [
            float(found["precision"]), float(found["recall"]), float(found["f1-score"]), int(found["support"])]

    return {"scheme": "iob2" if scheme is IOB2 else "iobes", "labels": labels, "predictions": chosen,
            "lenient": {name: row(lenient, name) for name in kinds + ["micro avg"]},
            "strict": {name: row(strict, name) for name in kinds + ["micro avg"]},
            "found": [[[kind, start, end + 1] for kind, start, end in seqeval.sequence_labeling.get_entities(one)]
                      for one in labels]}


def ndcg(scores: list[float], grades: list[float], depth: int, exponential: bool) -> float:
    gains = [[2 ** grade - 1 if exponential else grade for grade in grades]]
    return float(metrics.ndcg_score(gains, [scores], k=depth))


def ranked(scores: list[float], grades: list[float]) -> list[float]:
    """Equal scores: the less relevant first."""
    return [grade for _, grade in sorted(zip(scores, grades), key=lambda pair: (-pair[0], pair[1]))]


def rankings(dice: random.Random) -> list[dict]:
    queries = []
    for number in range(40):
        count = dice.randrange(2, 25)
        grades = [float(dice.choice([0, 0, 0, 1, 2, 3])) for _ in range(count)]
        if number % 10 != 9:
            grades[dice.randrange(count)] = 1.0
        else:
            grades = [0.0] * count
        ties = number % 3 == 0
        scores = [round(dice.gauss(grade, 2), 0 if ties else 6) for grade in grades]
        order = ranked(scores, grades)
        hits = [grade > 0 for grade in order]
        total = sum(hits)
        query = {"scores": scores, "grades": grades, "ties": ties}
        for depth in (1, 3, 10, 100):
            query[f"ndcg@{depth}"] = ndcg(scores, grades, depth, False)
            query[f"exponentialNDCG@{depth}"] = ndcg(scores, grades, depth, True)
            query[f"precision@{depth}"] = sum(hits[:depth]) / depth
            query[f"recall@{depth}"] = sum(hits[:depth]) / total if total else 0.0
            query[f"mrr@{depth}"] = next((1 / (place + 1) for place, hit in enumerate(hits[:depth]) if hit), 0.0)
        query["mrr"] = next((1 / (place + 1) for place, hit in enumerate(hits) if hit), 0.0)
        query["map"] = (sum(sum(hits[:place + 1]) / (place + 1) for place, hit in enumerate(hits) if hit) / total
                        if total else 0.0)
        if total and not ties:
            assert abs(query["map"] - metrics.average_precision_score([grade > 0 for grade in grades], scores)) < 1e-12
        queries.append(query)
    return queries


def calibration(dice: random.Random) -> list[dict]:
    cases = []
    for count, classes in ((300, 2), (120, 4), (9, 3)):
        logits = [[numpy.float32(dice.gauss(0, 2)).item() for _ in range(classes)] for _ in range(count)]
        labels = [int(numpy.argmax(row)) if dice.random() < 0.7 else dice.randrange(classes) for row in logits]
        shares = numpy.exp(numpy.array(logits, dtype=numpy.float64))
        shares /= shares.sum(1, keepdims=True)
        hits = (shares.argmax(1) == labels).astype(float)
        confidence = shares.max(1)
        edges = numpy.linspace(0, 1, BINS + 1)
        equal = 0.0
        for low, high in zip(edges, edges[1:]):
            inside = (confidence > low) & (confidence <= high)
            if inside.any():
                equal += inside.mean() * abs(hits[inside].mean() - confidence[inside].mean())
        order = numpy.argsort(confidence, kind="stable")
        bins = (numpy.arange(count) * BINS) // count
        adaptive = sum((bins == number).mean() * abs(hits[order][bins == number].mean() - confidence[order][bins == number].mean())
                       for number in range(BINS) if (bins == number).any())
        one = numpy.eye(classes)[labels]
        brier = float(((shares - one) ** 2).sum(1).mean())
        if classes == 2:
            assert abs(brier - 2 * metrics.brier_score_loss(labels, shares[:, 1])) < 1e-12
        cases.append({"logits": logits, "labels": labels, "equal": float(equal), "adaptive": float(adaptive), "brier": brier})
    return cases


def main() -> None:
    warnings.simplefilter("ignore")
    dice = random.Random(11)
    noise = numpy.random.default_rng(3)
    truth = noise.normal(size=150).round(1)
    one, two = truth + noise.normal(size=150) * 0.6, truth + noise.normal(size=150) * 0.9
    gaps = stats.bootstrap((truth, one, two), lambda t, a, b: stats.spearmanr(t, a)[0] - stats.spearmanr(t, b)[0], paired=True,
                           vectorized=False, n_resamples=4000, method="percentile", random_state=1).confidence_interval
    weights = [int(value) for value in noise.integers(0, 4, size=150)]
    path = Path(__file__).parent / "metrics" / "tasks.json"
    path.write_text(json.dumps({
        "tags": [entities(dice, "BI", IOB2), entities(dice, "BIES", IOBES)], "rankings": rankings(dice),
        "calibration": calibration(dice),
        "mcnemar": [[first, second, float(stats.binomtest(min(first, second), first + second).pvalue) if first + second else 1.0]
                    for first, second in ((0, 0), (5, 5), (1, 9), (12, 30), (140, 100), (0, 6))],
        "paired": {"truth": truth.tolist(), "one": one.tolist(), "two": two.tolist(), "low": gaps.low, "high": gaps.high},
        "weighted": {"weights": weights,
                     "spearman": float(stats.spearmanr(numpy.repeat(truth, weights), numpy.repeat(one, weights))[0]),
                     "pearson": float(stats.pearsonr(numpy.repeat(truth, weights), numpy.repeat(one, weights))[0])},
    }, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
