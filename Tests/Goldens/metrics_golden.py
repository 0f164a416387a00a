"""Scores by scikit-learn and SciPy on seeded predictions."""
import json
import random
from pathlib import Path

import numpy
from scipy import stats
from sklearn import metrics


def main() -> None:
    dice = random.Random(5)
    classes = []
    for count, kinds, skill in ((200, 2, 0.8), (150, 3, 0.5), (40, 5, 0.2), (30, 2, 1.0), (25, 2, None)):
        labels = [dice.randrange(kinds) for _ in range(count)]
        chosen = [1 if skill is None else label if dice.random() < skill else dice.randrange(kinds) for label in labels]
        every = list(range(kinds))
        report = metrics.precision_recall_fscore_support(labels, chosen, labels=every, zero_division=0)
        classes.append({
            "classes": kinds, "labels": labels, "predictions": chosen, "accuracy": metrics.accuracy_score(labels, chosen),
            "precision": list(report[0]), "recall": list(report[1]), "f1": list(report[2]),
            "support": [int(item) for item in report[3]],
            "macro": metrics.f1_score(labels, chosen, average="macro", zero_division=0),
            "weighted": metrics.f1_score(labels, chosen, average="weighted", zero_division=0),
            "matthews": metrics.matthews_corrcoef(labels, chosen)})
    pairs = []
    for count, noise, ties in ((100, 0.5, False), (60, 3.0, True), (12, 0.01, True), (300, 50.0, False)):
        x = [dice.gauss(0, 1) for _ in range(count)]
        y = [1e3 + 2 * item + dice.gauss(0, noise) for item in x]
        if ties:
            x, y = [round(item, 0) for item in x], [round(item, 0) for item in y]
        pairs.append({"x": x, "y": y, "pearson": stats.pearsonr(x, y)[0], "spearman": stats.spearmanr(x, y)[0],
                      "squared": float(numpy.mean((numpy.array(x) - y) ** 2))})
    shares = []
    for correct, count, confidence in ((0, 10, 0.95), (10, 10, 0.95), (7, 10, 0.95), (886, 1000, 0.95), (3, 500, 0.99), (50, 100, 0.5)):
        interval = stats.binomtest(correct, count).proportion_ci(confidence, method="wilson")
        shares.append({"correct": correct, "count": count, "confidence": confidence, "low": interval.low, "high": interval.high})
    values = [1.0 if dice.random() < 0.85 else 0.0 for _ in range(800)]
    other = [value if dice.random() < 0.9 else 1 - value for value in values]
    boot = stats.bootstrap((values,), numpy.mean, n_resamples=20000, method="percentile", random_state=1).confidence_interval
    gap = stats.bootstrap(([a - b for a, b in zip(values, other)],), numpy.mean, n_resamples=20000, method="percentile",
                          random_state=1).confidence_interval
    bootstrap = {"values": values, "other": other, "low": boot.low, "high": boot.high, "gapLow": gap.low, "gapHigh": gap.high}
    path = Path(__file__).parent / "metrics" / "reference.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"classes": classes, "pairs": pairs, "shares": shares, "bootstrap": bootstrap},
                               separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
