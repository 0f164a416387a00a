"""Golden values for convolutions over time: a TextCNN with sequences that are shorter than its filters, from PyTorch.

    python Tests/Goldens/convolution.py        # rewrites Tests/Goldens/data/convolution.{json,bin}

All is computed in float64 and stored as float32, as `bert.py` does. The batch is padded far beyond its longest sequence;
windows that read a pad are masked with −∞ before the maximum, but for the first of a sequence that is shorter than the
filter, whose pads are rows of 0.
"""
from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from bert import Golden

LENGTHS = (9, 3, 1, 14, 4, 2)
WIDTHS, FILTERS, INPUTS, VOCABULARY, LABELS = (3, 4, 5), 19, 7, 30, 4


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, INPUTS)
        self.convolutions = nn.ModuleList(nn.Conv1d(INPUTS, FILTERS, width) for width in WIDTHS)
        self.classifier = nn.Linear(len(WIDTHS) * FILTERS, LABELS)

    def forward(self, ids: torch.Tensor):
        lengths = torch.tensor(LENGTHS)
        embedded = pad_sequence(self.embedding(ids).split(LENGTHS), batch_first=True)
        embedded = functional.pad(embedded, (0, 0, 0, 6)).transpose(1, 2)
        answers, maxima = [], []
        for width, convolution in zip(WIDTHS, self.convolutions):
            values = torch.relu(convolution(embedded))
            windows = (lengths - width + 1).clamp(min=1)
            kept = torch.arange(values.shape[-1])[None, :] < windows[:, None]
            maxima.append(values.masked_fill(~kept[:, None, :], -torch.inf).amax(-1))
            answers.append(torch.cat([values[i, :, :n].T for i, n in enumerate(windows.tolist())]))
        features = torch.cat(maxima, -1)
        return answers, features, self.classifier(features)


if __name__ == "__main__":
    torch.manual_seed(0)
    golden, generator, model = Golden("convolution"), torch.Generator().manual_seed(7), TextCNN()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.35 * torch.randn(parameter.shape, generator=generator))
    model.double()
    ids = torch.randint(VOCABULARY, (sum(LENGTHS),), generator=generator)
    labels = torch.tensor([3, 0, 1, 2, 2, 0])
    answers, features, logits = model(ids)
    loss = functional.cross_entropy(logits, labels)
    loss.backward()
    for name, tensor in (("lengths", torch.tensor(LENGTHS)), ("ids", ids), ("labels", labels), ("features", features),
                         ("logits", logits), ("loss", loss.reshape(1))):
        golden.add(name, tensor)
    for width, values in zip(WIDTHS, answers):
        golden.add(f"answers.{width}", values)
    for name, parameter in model.named_parameters():
        golden.add(f"parameter.{name}", parameter)
        golden.add(f"gradient.{name}", parameter.grad)
    golden.write(widths=WIDTHS, filters=FILTERS, inputs=INPUTS, vocabulary=VOCABULARY, torch=torch.__version__)
