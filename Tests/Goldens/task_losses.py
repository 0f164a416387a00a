"""Golden values for the losses of rankers and taggers, in float64 by PyTorch.

    python Tests/Goldens/task_losses.py        # rewrites Tests/Goldens/data/task_losses.{json,bin}
"""
from __future__ import annotations

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from bert import Golden

OFFSETS = (0, 3, 3, 8, 9)


def main() -> None:
    torch.manual_seed(29)
    golden = Golden("task_losses")

    def add(name: str, loss, x: torch.Tensor) -> None:
        x = x.detach().clone().requires_grad_()
        value = loss(x)
        value.backward()
        golden.add(f"{name}.value", value.detach().reshape(1).float())
        golden.add(f"{name}.gradient", x.grad.float())

    x = torch.randn(9, dtype=torch.float64) * 3
    x[0], x[1] = 60, -60
    relevant = torch.tensor([0, 1, 1, 0, 1, 0, 0.25, 1, 0], dtype=torch.float64)
    golden.add("x", x.float())
    golden.add("relevant", relevant.float())
    add("binary", lambda x: binary_cross_entropy_with_logits(x, relevant, reduction="sum"), x)
    add("weighted", lambda x: binary_cross_entropy_with_logits(
        x, relevant, reduction="sum", pos_weight=torch.tensor(3.5, dtype=torch.float64)), x)
    share = torch.tensor([0.5, 0.5, 0, 0, 1, 0, 0, 0, 1], dtype=torch.float64)
    golden.add("share", share.float())
    add("grouped", lambda x: sum(
        cross_entropy(x[start:end][None], share[start:end][None]) for start, end in zip(OFFSETS, OFFSETS[1:]) if start < end), x)
    tokens = torch.randn(12, 5, dtype=torch.float64)
    tags = torch.tensor([-100, 2, -100, 0, 4, -100, -100, 1, 1, 3, -100, -100])
    golden.add("tokens", tokens.float())
    golden.add("tags", tags.int())
    add("tagged", lambda x: cross_entropy(x, tags, ignore_index=-100), tokens)
    golden.write()


if __name__ == "__main__":
    main()
