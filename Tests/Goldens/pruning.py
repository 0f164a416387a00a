"""Golden values for pruning: scores of heads and neurons, cuts and outputs of a tiny BERT, from PyTorch and transformers.

    python Tests/Goldens/pruning.py        # rewrites Tests/Goldens/data/pruning.{json,bin}

All is computed in float64 and stored as float32, as `bert.py` does. Removed units keep their place with weights 0. Masks
hold 1 for what stays.
"""
from __future__ import annotations

import copy

import torch
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification

from bert import Golden

SHAPE = {"vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 8,
         "max_position_embeddings": 12, "type_vocab_size": 2, "hidden_dropout_prob": 0.1,
         "attention_probs_dropout_prob": 0.1, "num_labels": 3}
LENGTHS = (7, 3, 11, 5, 9, 4, 6, 8, 3, 10)
BATCH = 4
LAYERS, HEADS, NEURONS = SHAPE["num_hidden_layers"], SHAPE["num_attention_heads"], SHAPE["intermediate_size"]


def blocks(model):
    return model.bert.encoder.layer


def batches(ids, mask, *others):
    for start in range(0, len(LENGTHS), BATCH):
        part = slice(start, start + BATCH)
        yield (ids[part], mask[part], *[other[part] for other in others])


def scores(model, data, loss_of, incoming: bool):
    """First-order scores: sums over batches of absolute values, divided by the number of examples."""
    model.eval()
    heads, neurons = torch.zeros(LAYERS, HEADS).double(), torch.zeros(LAYERS, NEURONS).double()
    for ids, mask, *targets in batches(*data):
        model.zero_grad()
        loss_of(model(input_ids=ids, attention_mask=mask).logits, *targets).backward()
        for index, block in enumerate(blocks(model)):
            output = block.attention.output.dense.weight
            product = output * output.grad
            size = product.shape[1] // HEADS
            heads[index] += torch.stack([product[:, h * size:(h + 1) * size].sum() for h in range(HEADS)]).abs()
            narrow, wide = block.output.dense.weight, block.intermediate.dense
            neurons[index] += (narrow * narrow.grad).sum(0).abs()
            if incoming:
                neurons[index] += ((wide.weight * wide.weight.grad).sum(1) + wide.bias * wide.bias.grad).abs()
    return heads.detach() / len(LENGTHS), neurons.detach() / len(LENGTHS)


def silence(model, heads, neurons):
    """A copy in which removed units weigh nothing."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        for index, block in enumerate(blocks(model)):
            rows = heads[index].repeat_interleave(SHAPE["hidden_size"] // HEADS).double()
            own = block.attention.self
            for part in (own.query, own.key, own.value):
                part.weight *= rows[:, None]
                part.bias *= rows
            block.attention.output.dense.weight *= rows[None, :]
            block.intermediate.dense.weight *= neurons[index].double()[:, None]
            block.intermediate.dense.bias *= neurons[index].double()
            block.output.dense.weight *= neurons[index].double()[None, :]
    return model


def even(score, mask, total):
    """Each layer keeps the same number of its best."""
    result = torch.zeros_like(mask)
    for layer in range(LAYERS):
        allowed = [u for u in range(mask.shape[1]) if mask[layer, u]]
        best = sorted(allowed, key=lambda unit: -score[layer, unit].item())[:total // LAYERS]
        result[layer, best] = 1
    return result


def uneven(score, mask, total, group):
    """The best groups of the whole model; an empty layer gets its best group back."""
    found = []
    for layer in range(LAYERS):
        rising = sorted((u for u in range(mask.shape[1]) if mask[layer, u]), key=lambda unit: score[layer, unit].item())
        for start in range(0, len(rising), group):
            members = rising[start:start + group]
            found.append((sum(score[layer, unit].item() for unit in members), layer, members))
    found.sort(key=lambda item: -item[0])
    result = torch.zeros_like(mask)
    for _, layer, members in found[:total // group]:
        result[layer, members] = 1
    for layer in range(LAYERS):
        if result[layer].sum() == 0:
            result[layer, next(members for _, where, members in found if where == layer)] = 1
    return result


def left(total, target, iterations, done):
    """Units after `done` iterations: the remainder goes in the first ones."""
    each, rest = divmod(total - target, iterations)
    return total - sum(each + (1 if i < rest else 0) for i in range(done))


def hard(logits, labels):
    return functional.cross_entropy(logits, labels)


def soft(logits, frozen):
    return -(torch.softmax(frozen, -1) * torch.log_softmax(logits, -1)).sum(-1).mean()


def cut(golden, name, model, ids, mask, labels, *, keep_heads, keep_neurons, iterations, spread, group=1,
        order=("both",), label_free=False):
    frozen = model(input_ids=ids, attention_mask=mask).logits.detach()
    kept_heads, kept_neurons = torch.ones(LAYERS, HEADS).int(), torch.ones(LAYERS, NEURONS).int()
    history_heads, history_neurons = [], []
    current = model
    for step in range(iterations * len(order)):
        untouched = bool(kept_heads.all() and kept_neurons.all())
        data, loss = (ids, mask, labels), hard
        if label_free:
            data, loss = ((ids, mask, frozen.argmax(-1)), hard) if untouched else ((ids, mask, frozen), soft)
        heads, neurons = scores(current, data, loss, incoming=spread == "even")
        done, what = step // len(order) + 1, order[step % len(order)]
        for unit in ("heads", "neurons"):
            if what not in ("both", unit):
                continue
            if unit == "heads":
                total = left(LAYERS * HEADS, LAYERS * keep_heads, iterations, done)
                kept_heads = even(heads, kept_heads, total) if spread == "even" else uneven(heads, kept_heads, total, 1)
            else:
                total = left(LAYERS * NEURONS, LAYERS * keep_neurons, iterations, done)
                kept_neurons = (even(neurons, kept_neurons, total) if spread == "even"
                                else uneven(neurons, kept_neurons, total, group))
        current = silence(model, kept_heads, kept_neurons)
        history_heads.append(kept_heads)
        history_neurons.append(kept_neurons)
    golden.add(f"{name}.heads", torch.stack(history_heads))
    golden.add(f"{name}.neurons", torch.stack(history_neurons))
    golden.add(f"{name}.logits", current.eval()(input_ids=ids, attention_mask=mask).logits)
    print(name, [h.sum(1).tolist() for h in history_heads], [n.sum(1).tolist() for n in history_neurons])


def main() -> None:
    torch.manual_seed(21)
    dice = torch.Generator().manual_seed(22)
    model = BertForSequenceClassification(BertConfig(**SHAPE, attn_implementation="eager"))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=dice)
            parameter.copy_(1 + 0.1 * noise if name.endswith("LayerNorm.weight") else 0.3 * noise)
    model = model.double().eval()
    golden = Golden("pruning")
    for name, parameter in model.named_parameters():
        golden.add(f"parameter.{name}", parameter)

    mask = torch.tensor([[int(place < length) for place in range(max(LENGTHS))] for length in LENGTHS])
    ids = torch.randint(5, SHAPE["vocab_size"], mask.shape, generator=dice) * mask
    labels = torch.randint(0, SHAPE["num_labels"], (len(LENGTHS),), generator=dice)
    golden.add("ids", torch.cat([ids[row, :length] for row, length in enumerate(LENGTHS)]))
    golden.add("lengths", torch.tensor(LENGTHS))
    golden.add("labels", labels)
    frozen = model(input_ids=ids, attention_mask=mask).logits.detach()
    golden.add("logits", frozen)

    for incoming in (True, False):
        heads, neurons = scores(model, (ids, mask, labels), hard, incoming)
        golden.add("scores.heads", heads) if incoming else None
        golden.add(f"scores.neurons.{'both' if incoming else 'outgoing'}", neurons)
    # Against itself the unpruned model has no gradient.
    heads, neurons = scores(model, (ids, mask, frozen), soft, True)
    assert max(heads.max(), neurons.max()) < 1e-12

    kept_heads = torch.tensor([[1, 0, 1], [1, 1, 1], [0, 0, 1]])
    kept_neurons = torch.tensor([[1, 1, 0, 1, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1]])
    golden.add("masked.kept.heads", kept_heads)
    golden.add("masked.kept.neurons", kept_neurons)
    small = silence(model, kept_heads, kept_neurons).eval()
    golden.add("masked.logits", small(input_ids=ids, attention_mask=mask).logits)
    heads, neurons = scores(small, (ids, mask, frozen), soft, True)
    golden.add("masked.scores.heads", heads)
    golden.add("masked.scores.neurons", neurons)

    cut(golden, "even", model, ids, mask, labels, keep_heads=1, keep_neurons=5, iterations=2, spread="even")
    cut(golden, "uneven", model, ids, mask, labels, keep_heads=1, keep_neurons=4, iterations=3, spread="uneven", group=2)
    cut(golden, "headFirst", model, ids, mask, labels, keep_heads=2, keep_neurons=3, iterations=2, spread="even",
        order=("heads", "neurons"), label_free=True)
    cut(golden, "ffnFirst", model, ids, mask, labels, keep_heads=2, keep_neurons=6, iterations=1, spread="uneven",
        order=("neurons", "heads"))
    golden.write(torch=torch.__version__)


if __name__ == "__main__":
    main()
