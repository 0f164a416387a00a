"""Golden values for LSTMs: one bidirectional layer, a two-layer BiLSTM classifier and one of pairs, from PyTorch.

    python Tests/Goldens/recurrent.py        # rewrites Tests/Goldens/data/recurrent.{json,bin}

All is computed in float64 and stored as float32, as `bert.py` does, and activations are stored packed. PyTorch runs on
padded tensors through its own packing; the pads are left out.
"""
from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from bert import Golden

# Not sorted, one of a single token, ties; the widths are no multiple of a vector register and on both sides of one.
LENGTHS = (4, 11, 1, 7, 4)
INPUTS, HIDDEN, DENSE, VOCABULARY, LABELS = 7, 18, 9, 30, 3


def spread(module: nn.Module, seed: int) -> nn.Module:
    """Weights far enough from 0 that no gate is nearly linear."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(0.35 * torch.randn(parameter.shape, generator=generator))
    return module.double()


def run(lstm: nn.LSTM, x: torch.Tensor, lengths: list[int]):
    """The packed outputs [tokens, 2 · hidden] and the last layer's final states [sequences, 2 · hidden]."""
    padded = pad_sequence(x.split(lengths), batch_first=True)
    packed = pack_padded_sequence(padded, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    outputs, (final, _) = lstm(packed)
    outputs, _ = pad_packed_sequence(outputs, batch_first=True)
    return torch.cat([outputs[i, :n] for i, n in enumerate(lengths)]), torch.cat([final[-2], final[-1]], -1)


def dump(golden: Golden, case: str, module: nn.Module, loss: torch.Tensor, **tensors: torch.Tensor) -> None:
    loss.backward()
    golden.add(f"{case}.loss", loss.reshape(1))
    for name, tensor in tensors.items():
        golden.add(f"{case}.{name}", tensor)
    for name, parameter in module.named_parameters():
        golden.add(f"{case}.parameter.{name}", parameter)
        golden.add(f"{case}.gradient.{name}", parameter.grad)


def layer(golden: Golden) -> None:
    """All outputs and final states pull at once, each element with a coefficient of its own."""
    generator = torch.Generator().manual_seed(1)
    lstm = spread(nn.LSTM(INPUTS, HIDDEN, bidirectional=True), 2)
    x = torch.randn(sum(LENGTHS), INPUTS, generator=generator).double().requires_grad_()
    states, final = run(lstm, x, list(LENGTHS))
    pulls = [torch.randn(tensor.shape, generator=generator).double() for tensor in (states, final)]
    loss = (states * pulls[0]).sum() + (final * pulls[1]).sum()
    dump(golden, "layer", lstm, loss, x=x, states=states, final=final, states_pull=pulls[0], final_pull=pulls[1])
    golden.add("layer.x_gradient", x.grad)


class Classifier(nn.Module):
    def __init__(self, layers: int, hidden: int, pairs: bool):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, INPUTS)
        self.lstm = nn.LSTM(INPUTS, hidden, layers, bidirectional=True)
        self.dense = nn.Linear((8 if pairs else 2) * hidden, DENSE)
        self.classifier = nn.Linear(DENSE, LABELS)

    def encode(self, ids: torch.Tensor, lengths: list[int]):
        return run(self.lstm, self.embedding(ids), lengths)

    def head(self, features: torch.Tensor) -> torch.Tensor:
        return self.classifier(torch.relu(self.dense(features)))


def classifier(golden: Golden) -> None:
    generator = torch.Generator().manual_seed(3)
    model = spread(Classifier(2, HIDDEN, pairs=False), 4)
    ids = torch.randint(VOCABULARY, (sum(LENGTHS),), generator=generator)
    labels = torch.tensor([2, 0, 1, 1, 0])
    states, final = model.encode(ids, list(LENGTHS))
    logits = model.head(final)
    dump(golden, "classifier", model, functional.cross_entropy(logits, labels), ids=ids, labels=labels, states=states,
         final=final, logits=logits)


def pairs(golden: Golden) -> None:
    """Tang et al. 2019: each side is encoded alone. The last pair's second side is empty: its state is the first, 0."""
    generator = torch.Generator().manual_seed(5)
    hidden, sides = 5, ((3, 4), (6, 1), (1, 2), (4, 0))
    model = spread(Classifier(1, hidden, pairs=True), 6)
    ids = [[torch.randint(VOCABULARY, (n,), generator=generator) for n in pair] for pair in sides]
    labels = torch.tensor([0, 2, 1, 2])

    def encode(text: torch.Tensor) -> torch.Tensor:
        if len(text) == 0:
            return torch.zeros(1, 2 * hidden).double()
        return model.encode(text, [len(text)])[1]

    first = torch.cat([encode(pair[0]) for pair in ids])
    second = torch.cat([encode(pair[1]) for pair in ids])
    logits = model.head(torch.cat([first, second, (first - second).abs(), first * second], -1))
    dump(golden, "pairs", model, functional.cross_entropy(logits, labels), labels=labels, logits=logits,
         ids=torch.cat([text for pair in ids for text in pair]), sides=torch.tensor(sides), first=first, second=second)


if __name__ == "__main__":
    torch.manual_seed(0)
    data = Golden("recurrent")
    data.add("lengths", torch.tensor(LENGTHS))
    layer(data)
    classifier(data)
    pairs(data)
    data.write(inputs=INPUTS, hidden=HIDDEN, dense=DENSE, vocabulary=VOCABULARY, torch=torch.__version__)
