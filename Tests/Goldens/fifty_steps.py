"""Golden losses for Training: fifty steps of a tiny BERT without dropout, from PyTorch and transformers.

    python Tests/Goldens/fifty_steps.py     # rewrites Tests/Goldens/data/fifty_steps.{json,bin}

Computed in float64 and stored as float32. Step s sees the texts 4 s … 4 s + 3, padded; words that it does not see rest for
many steps, which decay and momentum move all the same: what an optimiser that works row by row must not forget.
"""
from __future__ import annotations

import torch
from transformers import BertConfig, BertForSequenceClassification, get_linear_schedule_with_warmup

from bert import Golden
from training import SHAPE, decays

STEPS, BATCH, WARMUP, RATE, DECAY, NORM = 50, 4, 5, 2e-3, 0.05, 1.0


def main() -> None:
    torch.manual_seed(21)
    dice = torch.Generator().manual_seed(22)
    model = BertForSequenceClassification(BertConfig(**SHAPE, attn_implementation="eager"))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=dice)
            parameter.copy_(1 + 0.1 * noise if name.endswith("LayerNorm.weight") else 0.2 * noise)
    model = model.double().train()
    golden = Golden("fifty_steps")
    for name, parameter in model.named_parameters():
        golden.add(f"initial.{name}", parameter)

    lengths = torch.randint(2, 15, (STEPS * BATCH,), generator=dice)
    texts = [torch.randint(5, SHAPE["vocab_size"], (int(length),), generator=dice) for length in lengths]
    labels = torch.tensor([int(text.sum()) % SHAPE["num_labels"] for text in texts])
    golden.add("ids", torch.cat(texts))
    golden.add("lengths", lengths)
    golden.add("labels", labels)

    groups = [{"params": [p for n, p in model.named_parameters() if decays(n)], "weight_decay": DECAY},
              {"params": [p for n, p in model.named_parameters() if not decays(n)], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    schedule = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    losses = []
    for step in range(STEPS):
        rows = range(step * BATCH, (step + 1) * BATCH)
        ids = torch.nn.utils.rnn.pad_sequence([texts[row] for row in rows], batch_first=True)
        mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(texts[row]) for row in rows], batch_first=True)
        optimizer.zero_grad()
        loss = model(input_ids=ids, attention_mask=mask, labels=labels[rows.start:rows.stop]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), NORM)
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
    golden.add("losses", torch.stack(losses))
    golden.add("final.words", model.bert.embeddings.word_embeddings.weight)
    golden.write(torch=torch.__version__)


if __name__ == "__main__":
    main()
