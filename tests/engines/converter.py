"""Stands in for ExLlamaV2's converter: the same options, the same words, the same files; it quantizes nothing.

It fails where the source holds a file `fail`, in the converter's own way (code 0) or hard, as that file says.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

parser = argparse.ArgumentParser()
for short, name in (("-i", "source"), ("-o", "job"), ("-cf", "out"), ("-b", "bits"), ("-hb", "head")):
    parser.add_argument(short, dest=name, required=True)
parser.add_argument("-l", type=int)
parser.add_argument("-ml", type=int)
args = parser.parse_args()
file = Path(args.job) / "job_new.json"
job = {"in_dir": args.source, "progress": "begin", "done": 0, "bits": args.bits}
if file.exists():
    print(" -- Resuming job")
    job |= json.loads(file.read_text())
source, fault = Path(job["in_dir"]), ""
config = json.loads((source / "config.json").read_text())
layers, (architecture,) = config["num_hidden_layers"], config["architectures"]
if architecture != "LlamaForCausalLM":
    print(f" !! Warning, unknown architecture: {architecture}\n !! Loading as LlamaForCausalLM", flush=True)
if (source / "fail").exists():
    fault = (source / "fail").read_text()
print(" -- Tokenizing samples (measurement)...\n -- Measuring quantization impact...")
for number in range(job["done"], 2 * layers):
    print(f" -- Layer: model.layers.{number // 2} ({'MLP' if number % 2 else 'Attention'})")
    print(" -- model.layers.0.self_attn.q_proj     0.05:3b/0.95:2b 32g s4     2.13 bpw")
    job["done"] = number + 1
    file.with_suffix(".new").write_text(json.dumps(job))
    file.with_suffix(".new").replace(file)
    if fault and number == 3:
        print(f" ## {fault}")
        sys.exit(1 if fault == "hard" else 0)
print(" -- Optimizing...\n -- Optimizing:    1/   2\n -- Quantization strategy:")
for number in range(layers):
    for part, more in (("self_attn", 0.0), ("mlp", 0.25 * number)):
        name = f"model.layers.{number}.{part}"
        print(f" --   {name:50} {float(args.bits) + more:1.4f} bpw - exp. error: 0.00400000")
print(" -- Quantizing...\n -- Layer: lm_head (Linear)\n -- Compiling output file...")
shutil.copytree(source, args.out, dirs_exist_ok=True)
(Path(args.out) / "arguments.json").write_text(json.dumps([vars(args), sys.argv]))
file.write_text(json.dumps(job | {"progress": "finished"}))
print(" -- Finished")
