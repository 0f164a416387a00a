"""Golden values for TinyBERT's phases: five steps of each on tiny models, from PyTorch and transformers.

    python Tests/Goldens/tinybert.py        # rewrites Tests/Goldens/data/tinybert.{json,bin}

All texts have one length, so that nothing is padded and the reference's means are the mathematical ones. The first phase
compares embeddings, hidden states and raw attention scores through one shared projection with bias; the second takes the
teacher's answers at temperature 1, its cross-entropy divided by the classes. AdamW as in `training.py`, no dropout.
"""
from __future__ import annotations

import torch
from transformers import BertConfig, BertForSequenceClassification

from bert import Golden
from training import decays

COMMON = {"vocab_size": 50, "num_attention_heads": 2, "max_position_embeddings": 16, "type_vocab_size": 2,
          "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "num_labels": 3}
TEACHER = COMMON | {"hidden_size": 24, "num_hidden_layers": 4, "intermediate_size": 40}
STUDENT = COMMON | {"hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 24}
TEXTS, LENGTH, STEPS, RATE, DECAY = 4, 9, 5, 3e-3, 0.05
ATTENTION = "raw_scores"  # registered by bert.py


def build(shape: dict, dice: torch.Generator) -> BertForSequenceClassification:
    model = BertForSequenceClassification(BertConfig(**shape, attn_implementation=ATTENTION))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=dice)
            parameter.copy_(1 + 0.1 * noise if name.endswith("LayerNorm.weight") else 0.25 * noise)
    return model.double().eval()


def states(model, ids):
    outputs = model(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True, output_attentions=True)
    return outputs.hidden_states, outputs.attentions, outputs.logits


def train(parameters: dict, loss) -> list[torch.Tensor]:
    optimizer = torch.optim.AdamW(
        [{"params": [p for n, p in parameters.items() if decays(n)], "weight_decay": DECAY},
         {"params": [p for n, p in parameters.items() if not decays(n)], "weight_decay": 0.0}],
        lr=RATE, betas=(0.9, 0.99), eps=1e-7)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        losses.append(value.detach())
    return losses


def main() -> None:
    dice = torch.Generator().manual_seed(41)
    teacher, student = build(TEACHER, dice), build(STUDENT, dice)
    projection = {"projection.states.weight": 0.3 * torch.randn(24, 16, generator=dice),
                  "projection.states.bias": 0.1 * torch.randn(24, generator=dice)}
    projection = {name: tensor.double().requires_grad_() for name, tensor in projection.items()}
    ids = torch.randint(5, 50, (TEXTS, LENGTH), generator=dice)
    golden = Golden("tinybert")
    golden.add("ids", ids)
    own = dict(student.named_parameters())
    for prefix, parameters in (("teacher", dict(teacher.named_parameters())), ("initial", own | projection)):
        for name, parameter in parameters.items():
            golden.add(f"{prefix}.{name}", parameter)

    with torch.no_grad():
        hidden, scores, answers = states(teacher, ids)

    def inside():
        own_hidden, own_scores, _ = states(student, ids)
        total = 0
        for place, target in ((0, 0), (1, 2), (2, 4)):
            fitted = own_hidden[place] @ projection["projection.states.weight"].T + projection["projection.states.bias"]
            total = total + (fitted - hidden[target]).square().mean()
        for block, target in ((0, 1), (1, 3)):
            total = total + (own_scores[block] - scores[target]).square().mean()
        return total

    def outside():
        logits = states(student, ids)[2]
        return -(torch.softmax(answers, -1) * torch.log_softmax(logits, -1)).mean()

    for name, loss, parameters in (("intermediate", inside, own | projection), ("prediction", outside, own)):
        losses = train(parameters, loss)
        golden.add(f"{name}.losses", torch.stack(losses))
        for key, parameter in parameters.items():
            golden.add(f"{name}.{key}", parameter)
    golden.write(torch=torch.__version__)


if __name__ == "__main__":
    main()
