"""Golden values for Training: five steps of a tiny BERT under Hinton's objective, from PyTorch and transformers.

    python Tests/Goldens/training.py        # rewrites Tests/Goldens/data/training.{json,bin}

All is computed in float64 and stored as float32, as `bert.py` does. Every step sees the same five texts, so that the
order in a batch does not matter: AdamW with decoupled decay (none for biases and layer norms), the linear schedule with
warm-up, and clipping of the gradient's norm.
"""
from __future__ import annotations

import torch
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification, get_linear_schedule_with_warmup

from bert import Golden

SHAPE = {"vocab_size": 50, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40,
         "max_position_embeddings": 16, "type_vocab_size": 2, "hidden_dropout_prob": 0.0,
         "attention_probs_dropout_prob": 0.0, "num_labels": 3}
LENGTHS = (7, 3, 12, 5, 9)
STEPS, WARMUP, RATE, DECAY, NORM = 5, 2, 3e-3, 0.05, 0.5
TEMPERATURE, ALPHA = 4.0, 0.7


def decays(name: str) -> bool:
    return not (name.endswith("bias") or "LayerNorm" in name)


def main() -> None:
    torch.manual_seed(11)
    dice = torch.Generator().manual_seed(12)
    model = BertForSequenceClassification(BertConfig(**SHAPE, attn_implementation="eager"))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=dice)
            parameter.copy_(1 + 0.1 * noise if name.endswith("LayerNorm.weight") else 0.25 * noise)
    model = model.double().train()
    golden = Golden("training")
    for name, parameter in model.named_parameters():
        golden.add(f"initial.{name}", parameter)

    mask = torch.tensor([[int(place < length) for place in range(max(LENGTHS))] for length in LENGTHS])
    ids = torch.randint(5, SHAPE["vocab_size"], mask.shape, generator=dice) * mask
    labels = torch.tensor([0, 2, 1, 1, 0])
    teacher = (2 * torch.randn(len(LENGTHS), SHAPE["num_labels"], generator=dice)).double()
    golden.add("ids", torch.cat([ids[row, :length] for row, length in enumerate(LENGTHS)]))
    golden.add("lengths", torch.tensor(LENGTHS))
    golden.add("labels", labels)
    golden.add("teacher", teacher)

    groups = [{"params": [p for n, p in model.named_parameters() if decays(n)], "weight_decay": DECAY},
              {"params": [p for n, p in model.named_parameters() if not decays(n)], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99), eps=1e-7)
    schedule = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    losses, norms, factors = [], [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        logits = model(input_ids=ids, attention_mask=mask).logits
        hard = functional.cross_entropy(logits, labels)
        soft = functional.kl_div(torch.log_softmax(logits / TEMPERATURE, -1), torch.softmax(teacher / TEMPERATURE, -1),
                                 reduction="batchmean")
        loss = (1 - ALPHA) * hard + ALPHA * TEMPERATURE ** 2 * soft
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), NORM))
        factors.append(schedule.get_last_lr()[0] / RATE)
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
    golden.add("losses", torch.stack(losses))
    golden.add("norms", torch.stack(norms))
    golden.add("factors", torch.tensor(factors))
    for name, parameter in model.named_parameters():
        golden.add(f"final.{name}", parameter)
    golden.write(torch=torch.__version__)


if __name__ == "__main__":
    main()
