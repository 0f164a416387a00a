"""Golden values for the losses on inner states: hidden states and attention of packed texts, from PyTorch.

    python Tests/Goldens/matches.py        # rewrites Tests/Goldens/data/matches.{json,bin}

Each loss is written here from its formula on *padded* tensors with a mask, or on one text after another, so that the
packed, sharded computation is compared with something that is organised otherwise. Values and gradients are computed in
float64. `padded` means divide by the padded rectangle; the padding itself adds nothing, as a mask of zeros would have it.
"""
from __future__ import annotations

import torch
from torch.nn.functional import layer_norm, log_softmax

from bert import Golden

LENGTHS, HEADS, WIDTH, NARROW = (7, 4, 1), 4, 8, 6
LONGEST = max(LENGTHS)
MASK = torch.tensor([[float(place < length) for place in range(LONGEST)] for length in LENGTHS], dtype=torch.float64)


def pad(rows: torch.Tensor) -> torch.Tensor:
    """[tokens, width] as [texts, longest, width]."""
    parts = rows.split(LENGTHS)
    return torch.stack([torch.cat([part, rows.new_full((LONGEST - len(part), rows.shape[1]), 9.0)]) for part in parts])


def texts(flat: torch.Tensor, heads: int) -> list[torch.Tensor]:
    """A flat run of [heads, length, length] a text as a list."""
    parts = flat.split([heads * length * length for length in LENGTHS])
    return [part.view(heads, length, length) for part, length in zip(parts, LENGTHS)]


def row_mean(each: torch.Tensor, mean: str) -> torch.Tensor:
    """[texts, longest] of which the mask leaves the real tokens, averaged."""
    each = each * MASK
    if mean == "tokens":
        return each.sum() / MASK.sum()
    if mean == "padded":
        return each.sum() / MASK.numel()
    return (each.sum(1) / MASK.sum(1)).mean()


def pair_mean(parts: list[torch.Tensor], mean: str) -> torch.Tensor:
    """Squares of [heads, length, length] a text, averaged over heads and pairs of tokens."""
    heads = parts[0].shape[0]
    if mean == "texts":
        return torch.stack([part.mean() for part in parts]).mean()
    pairs = sum(length ** 2 for length in LENGTHS) if mean == "tokens" else len(LENGTHS) * LONGEST ** 2
    return sum(part.sum() for part in parts) / (heads * pairs)


def query_mean(parts: list[torch.Tensor], mean: str) -> torch.Tensor:
    """[heads, length] a text, averaged over heads and queries."""
    heads = parts[0].shape[0]
    if mean == "texts":
        return torch.stack([part.mean() for part in parts]).mean()
    queries = sum(LENGTHS) if mean == "tokens" else len(LENGTHS) * LONGEST
    return sum(part.sum() for part in parts) / (heads * queries)


def unit(x: torch.Tensor) -> torch.Tensor:
    return x / x.norm(dim=-1, keepdim=True).clamp_min(1e-12)


def relative(s: torch.Tensor, t: torch.Tensor, kind: str) -> torch.Tensor:
    s, t = log_softmax(s, -1), log_softmax(t, -1)
    if kind == "softCrossEntropy":
        return -(t.exp() * s).sum(-1)
    return (t.exp() * (t - s)).sum(-1) if kind == "forwardKL" else (s.exp() * (s - t)).sum(-1)


# --- hidden states: (student, teacher, mean) with [tokens, width] each -------------------------------

def squared(s, t, mean):
    return row_mean((pad(s) - pad(t)).square().mean(-1), mean)


def cosine(s, t, mean):
    return row_mean(1 - (unit(pad(s)) * unit(pad(t))).sum(-1), mean)


def unit_squared(s, t, mean):
    return row_mean((unit(pad(s)) - unit(pad(t))).square().sum(-1), mean)


def standard_squared(s, t, mean):
    return row_mean((layer_norm(pad(s), (WIDTH,), eps=1e-12) - layer_norm(pad(t), (WIDTH,), eps=1e-12)).square().mean(-1),
                    mean)


def moments(s, t, mean, means=2.0, variances=3.0):
    s, t = pad(s), pad(t)
    spread = (s.var(-1, unbiased=False) - t.var(-1, unbiased=False)).abs()
    return row_mean(means * (s.mean(-1) - t.mean(-1)).square() + variances * spread, mean)


def representation(s, t, mean):
    return row_mean(relative(pad(s), pad(t), "forwardKL"), mean)


def first_tokens(s1, s2, t1, t2, per_element):
    """BERT-PKD on two layers: the sum over layers and width, averaged over texts, or the mean over all elements."""
    error = torch.stack([unit(pad(s)[:, 0]) - unit(pad(t)[:, 0]) for s, t in ((s1, t1), (s2, t2))], 1).square()
    return error.mean() if per_element else error.sum((1, 2)).mean()


def feature_gram(s1, s2, t1, t2):
    def gram(a, b):
        return torch.stack([x.T @ y / len(x) for x, y in zip(a.split(LENGTHS), b.split(LENGTHS))])
    return (gram(s1, s2) - gram(t1, t2)).square().mean()


def token_gram(s1, s2, t1, t2, by_length):
    def gram(a, b):
        return [x @ y.T / (len(x) if by_length else x.shape[1]) for x, y in zip(a.split(LENGTHS), b.split(LENGTHS))]
    return sum((x - y).square().sum() for x, y in zip(gram(s1, s2), gram(t1, t2))) / sum(n * n for n in LENGTHS)


# --- attention: flat scores ---------------------------------------------------------------------------

def scores_squared(s, t, mean):
    return pair_mean([(x - y).square() for x, y in zip(texts(s, HEADS), texts(t, HEADS))], mean)


def scores_divergence(s, t, mean, kind):
    return query_mean([relative(x, y, kind) for x, y in zip(texts(s, HEADS), texts(t, HEADS))], mean)


def head_sum(s, t):
    return pair_mean([(x.sum(0) - y.sum(0)).square()[None] for x, y in zip(texts(s, 2), texts(t, HEADS))], "tokens")


def head_mean(s, t, kind):
    return query_mean([relative(x.mean(0), y.mean(0), kind)[None] for x, y in zip(texts(s, 2), texts(t, HEADS))],
                      "tokens")


def relation(s, t, part):
    """KL(R_teacher || R_student), R = softmax(x x' / sqrt(size)) of each head, mean inside each text, then over texts."""
    def relations(projections):
        size = projections.shape[1] // 3 // HEADS
        x = projections.view(len(projections), 3, HEADS, size)[:, part]
        return [rows.transpose(0, 1) @ rows.permute(1, 2, 0) / size ** 0.5 for rows in x.split(LENGTHS)]
    return query_mean([relative(x, y, "forwardKL") for x, y in zip(relations(s), relations(t))], "texts")


def main() -> None:
    dice = torch.Generator().manual_seed(31)
    golden = Golden("matches")
    count, pairs = sum(LENGTHS), sum(n * n for n in LENGTHS)
    inputs = {name: (count, WIDTH) for name in ("s1", "s2", "t1", "t2")} | {name: (count, NARROW) for name in ("n1", "n2")}
    inputs |= {"scoresS": (HEADS * pairs,), "scoresT": (HEADS * pairs,), "scores2": (2 * pairs,),
               "weight": (WIDTH, NARROW), "bias": (WIDTH,), "qkvS": (count, 3 * HEADS * 2), "qkvT": (count, 3 * HEADS * 3)}
    data = {}
    for name, shape in inputs.items():
        data[name] = (1.5 * torch.randn(shape, generator=dice)).float()
        golden.add(f"input.{name}", data[name])

    def case(name: str, loss, students: str, teachers: str, **options) -> None:
        own = [data[key].double().requires_grad_() for key in students.split()]
        value = loss(*own, *(data[key].double() for key in teachers.split()), **options)
        value.backward()
        golden.add(f"{name}.value", value[None])
        for key, tensor in zip(students.split(), own):
            golden.add(f"{name}.{key}", tensor.grad)

    for mean in ("tokens", "padded", "texts"):
        for loss in (squared, cosine, unit_squared, standard_squared, moments, representation):
            case(f"{loss.__name__}.{mean}", loss, "s1", "t1", mean=mean)
        case(f"scores_squared.{mean}", scores_squared, "scoresS", "scoresT", mean=mean)
        case(f"scores_kl.{mean}", scores_divergence, "scoresS", "scoresT", mean=mean, kind="forwardKL")
    case("scores_ce", scores_divergence, "scoresS", "scoresT", mean="tokens", kind="softCrossEntropy")
    case("projected", lambda s, w, b, t: squared(s @ w.T + b, t, "tokens"), "n1 weight bias", "t1")
    case("pkd.paper", first_tokens, "s1 s2", "t1 t2", per_element=False)
    case("pkd.reference", first_tokens, "s1 s2", "t1 t2", per_element=True)
    case("feature_gram", feature_gram, "s1 s2", "t1 t2")
    case("token_gram.width", token_gram, "n1 n2", "t1 t2", by_length=False)
    case("token_gram.length", token_gram, "n1 n2", "t1 t2", by_length=True)
    case("head_sum", head_sum, "scores2", "scoresT")
    case("head_mean", head_mean, "scores2", "scoresT", kind="softCrossEntropy")
    for part, name in enumerate(("query", "key", "value")):
        case(f"relation.{name}", relation, "qkvS", "qkvT", part=part)
    golden.write(torch=torch.__version__, lengths=LENGTHS)


if __name__ == "__main__":
    main()
