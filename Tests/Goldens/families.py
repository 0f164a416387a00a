"""Golden folders of each family that is computed as a BERT: tiny random models as transformers saves them.

    python Tests/Goldens/families.py        # rewrites Tests/Goldens/families

Each folder has config.json and model.safetensors by `save_pretrained`, and golden.safetensors with what PyTorch computes
of them: hidden states, pooled output and logits of packed texts, and for classifiers a loss with its gradients. One model of each head; RoBERTa's also in float16, ALBERT's in bfloat16.
"""
from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from torch.nn import functional

OUT = Path(__file__).parent / "families"
LENGTHS = (7, 1, 4, 11)
COMMON = {"vocab_size": 24, "max_position_embeddings": 16}
WIDE = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 11}
FAMILIES = {
    "bert": {**WIDE, "classifier_dropout": 0.2},
    "distilbert": {"dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 11},
    "roberta": {**WIDE, "type_vocab_size": 1, "max_position_embeddings": 18},
    "albert": {**WIDE, "num_hidden_layers": 3, "embedding_size": 5},
    "albert-groups": {**WIDE, "num_hidden_layers": 5, "num_hidden_groups": 2, "embedding_size": 5,
                      "hidden_act": "gelu"},
    "mobilebert": {"hidden_size": 10, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 7,
                   "embedding_size": 5, "intra_bottleneck_size": 6, "num_feedforward_networks": 3},
    "mobilebert-norm": {"hidden_size": 10, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 7,
                        "embedding_size": 5, "intra_bottleneck_size": 6, "num_feedforward_networks": 1,
                        "normalization_type": "layer_norm", "use_bottleneck_attention": True,
                        "trigram_input": False, "classifier_activation": False},
}
CLASSES = {"bert": "Bert", "distilbert": "DistilBert", "roberta": "Roberta", "albert": "Albert",
           "mobilebert": "MobileBert"}
# How far weights are from 0.
SCALE = 0.3
HEADS = {"encoder": "Model", "classifier": "ForSequenceClassification", "masked": "ForMaskedLM",
         "tagger": "ForTokenClassification"}


def build(name: str, head: str, seed: int):
    family = name.split("-")[0]
    config = getattr(transformers, f"{CLASSES[family]}Config")(**{**COMMON, **FAMILIES[name], "num_labels": 3})
    config._attn_implementation = "eager"
    model = getattr(transformers, CLASSES[family] + HEADS[head])(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_norm = "LayerNorm.weight" in key or "layer_norm.weight" in key
            parameter.copy_(1 + 0.1 * noise if is_norm else SCALE * noise)
    model.tie_weights()
    return model.eval()


def texts(types: int) -> list[dict[str, torch.Tensor]]:
    generator = torch.Generator().manual_seed(3)
    result = []
    for length in LENGTHS:
        ids = torch.randint(3, COMMON["vocab_size"], (1, length), generator=generator)
        kinds = (torch.arange(length) >= length // 2).long()[None]
        result.append({"input_ids": ids} | ({"token_type_ids": kinds} if types > 1 else {}))
    return result


def outputs(model, head: str, inputs: list[dict[str, torch.Tensor]], with_gradients: bool) -> dict[str, torch.Tensor]:
    """What PyTorch computes in double precision, packed; texts run one by one, so that padding has no part in it."""
    golden: dict[str, torch.Tensor] = {}
    packed: dict[str, list[torch.Tensor]] = {}
    losses = []
    for index, batch in enumerate(inputs):
        with torch.set_grad_enabled(with_gradients):
            out = model(**batch, output_hidden_states=True)
        for layer, state in enumerate(out.hidden_states):
            packed.setdefault(f"hidden.{layer}", []).append(state[0])
        packed.setdefault("ids", []).append(batch["input_ids"][0].int())
        kinds = batch.get("token_type_ids", torch.zeros_like(batch["input_ids"]))
        packed.setdefault("types", []).append(kinds[0].int())
        if getattr(out, "pooler_output", None) is not None:
            packed.setdefault("pooled", []).append(out.pooler_output)
        if hasattr(out, "logits"):
            logits = out.logits if head == "classifier" else out.logits[0]
            packed.setdefault("logits", []).append(logits)
            if head == "classifier":
                losses.append(functional.cross_entropy(logits, torch.tensor([index % 3])))
            if head == "masked":
                losses.append(functional.cross_entropy(logits, batch["input_ids"][0], reduction="sum"))
    for key, parts in packed.items():
        golden[key] = torch.cat(parts).detach()
    if losses and with_gradients:
        loss = sum(losses) / len(losses)
        loss.backward()
        golden["loss"] = loss.detach().reshape(1)
        for key, parameter in model.named_parameters():
            if parameter.grad is not None:
                golden[f"gradient.{key}"] = parameter.grad
    golden["lengths"] = torch.tensor([batch["input_ids"].shape[1] for batch in inputs], dtype=torch.int32)
    return {key: (value.float() if value.is_floating_point() else value).contiguous() for key, value in golden.items()}


def write(name: str, head: str, seed: int, dtype=torch.float32, suffix: str = "") -> None:
    folder = OUT / f"{name}-{head}{suffix}"
    model = build(name, head, seed)
    if dtype != torch.float32:
        model = model.to(dtype)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = model.float().double()
    inputs = texts(getattr(model.config, "type_vocab_size", 0))
    save_file(outputs(model, head, inputs, dtype == torch.float32), folder / "golden.safetensors")


def main() -> None:
    transformers.logging.set_verbosity_error()
    shutil.rmtree(OUT, ignore_errors=True)
    for index, name in enumerate(FAMILIES):
        # Variants of a family differ inside the blocks alone.
        for head in ("classifier", "masked") if "-" in name else HEADS:
            write(name, head, 10 * index + len(head))
    write("roberta", "encoder", 7, torch.float16, "-half")
    write("albert", "classifier", 8, torch.bfloat16, "-brain")
    for path in OUT.glob("*/config.json"):
        config = json.loads(path.read_text())
        config.pop("transformers_version", None)
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
