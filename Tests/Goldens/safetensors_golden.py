"""Files written by the reference library, as hexadecimal text, with the values in them."""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "safetensors")
    folder.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(7)
    real = torch.cat([torch.randn(10, generator=generator),
                      torch.tensor([3.14159265, 6e-8, 2.9e-8, 65504.0, 65520.0, 1.00390625, 1.01171875, -0.0,
                                    6.1e-5, 1e-7, float("inf"), 0.1])])
    tensors = {
        "b.real": real.reshape(2, 11), "a.half": real.half(), "z.bfloat": real.bfloat16(),
        "long": torch.tensor([[-(2 ** 62)], [5]]), "int": torch.tensor([-7, 2 ** 30], dtype=torch.int32),
        "byte": torch.tensor([-128, 127, 0], dtype=torch.int8), "ubyte": torch.tensor([0, 255], dtype=torch.uint8),
        "flag": torch.tensor([True, False, True]), "empty": torch.zeros(0, 4), "scalar": torch.tensor(2.5),
        'quoted "\u00e9\n': torch.tensor([1.0]),
    }
    facts = {
        "file": save(tensors, metadata={"format": "pt"}).hex(),
        "real_bits": [int(item) & 0xFFFFFFFF for item in real.view(torch.int32)],
        "half_bits": [int(item) & 0xFFFF for item in real.half().view(torch.int16)],
        "half_as_float_bits": [int(item) & 0xFFFFFFFF for item in real.half().float().view(torch.int32)],
        "bfloat_bits": [int(item) & 0xFFFF for item in real.bfloat16().view(torch.int16)],
        "bfloat_as_float_bits": [int(item) & 0xFFFFFFFF for item in real.bfloat16().float().view(torch.int32)],
    }
    (folder / "reference.json").write_text(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
