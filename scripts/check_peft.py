#!/usr/bin/env python3
"""Loads folders that lowrank wrote with the real transformers and PEFT, and compares logits.

Needs Python with torch, transformers, peft and safetensors. In a folder with a run, its base model and texts.txt (a text
per line):

    lowrank predict reviews-run --input texts.txt --logits --out run.jsonl
    lowrank export reviews-run --out reviews-lora
    lowrank export reviews-run --out reviews-small --compact --tolerance 0
    lowrank merge reviews-run --out reviews-model
    python scripts/check_peft.py --base tiny-bert --texts texts.txt \\
        --adapter reviews-run/adapter run.jsonl --adapter reviews-lora run.jsonl --adapter reviews-small run.jsonl \\
        --model reviews-model run.jsonl --merge

Prints a table; ends with code 1 when a difference is above the tolerance, or PEFT did not find every tensor.
"""

import argparse
import json
import sys
import warnings

import torch
from peft import PeftModel, get_peft_model_state_dict
from safetensors import safe_open
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, help="the base model: a folder or an id")
    parser.add_argument("--texts", required=True, help="a text per line, in the order of the logits")
    parser.add_argument("--adapter", nargs=2, action="append", default=[], metavar=("DIR", "LOGITS"))
    parser.add_argument("--model", nargs=2, action="append", default=[], metavar=("DIR", "LOGITS"))
    parser.add_argument("--merge", action="store_true", help="also merge each adapter with PEFT and compare again")
    parser.add_argument("--max-length", type=int, default=128, help="the run's --max-length (default 128)")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()
    if not arguments.adapter and not arguments.model:
        parser.error("give at least one --adapter DIR LOGITS or --model DIR LOGITS")
    return arguments


def read_logits(path):
    """The lines of 'lowrank predict --logits' in order: [rows, labels], float64."""
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()]
    for number, row in enumerate(rows, 1):
        if row["row"] != number or "logits" not in row:
            sys.exit(f"{path}, line {number}: wanted row {number} with logits, as 'lowrank predict --logits' writes it")
    return torch.tensor([row["logits"] for row in rows], dtype=torch.float64)


def logits_of(model, tokenizer, texts, max_length):
    """One text at a time: no padding, hence no masked positions to differ in."""
    limit = min(max_length, longest_row(model.config))
    rows = []
    with torch.no_grad():
        for text in texts:
            inputs = tokenizer(text, truncation=True, max_length=limit, return_tensors="pt")
            rows.append(model(**inputs).logits[0].double())
    return torch.stack(rows)


def longest_row(config):
    """RoBERTa's positions begin after the padding id."""
    first = config.pad_token_id + 1 if config.model_type == "roberta" else 0
    return config.max_position_embeddings - first


def load_classifier(name, **options):
    return AutoModelForSequenceClassification.from_pretrained(name, **options).float().eval()


def load_adapter(base, folder, labels):
    """The adapter on a fresh base, and what PEFT complained about while loading."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(load_classifier(base, num_labels=labels), folder).eval()
    complaints = [
        str(entry.message).splitlines()[0]
        for entry in caught
        if any(word in str(entry.message).lower() for word in ("missing", "unexpected", "not found", "mismatch"))
    ]
    return model, complaints


def unread_tensors(model, folder):
    """Tensors of the file that are nowhere in PEFT's own state of the adapter, or differ there."""
    state = get_peft_model_state_dict(model)
    unread = []
    with safe_open(f"{folder}/adapter_model.safetensors", framework="pt") as file:
        for name in file.keys():
            if name not in state or not torch.equal(state[name].float(), file.get_tensor(name).float()):
                unread.append(name)
    return unread


def check_adapters(arguments, tokenizer, texts):
    for folder, logits in arguments.adapter:
        expected = read_logits(logits)
        model, faults = load_adapter(arguments.base, folder, expected.shape[1])
        unread = unread_tensors(model, folder)
        if unread:
            faults.append(f"{len(unread)} tensors not as in the file, such as {unread[0]}")
        yield folder, "PEFT", difference(expected, logits_of(model, tokenizer, texts, arguments.max_length)), faults
        if arguments.merge:
            merged = model.merge_and_unload(safe_merge=True).eval()
            yield folder, "merged by PEFT", difference(
                expected, logits_of(merged, tokenizer, texts, arguments.max_length)), []


def check_models(arguments, texts):
    for folder, logits in arguments.model:
        expected = read_logits(logits)
        model = load_classifier(folder)
        faults = []
        if model.config.num_labels != expected.shape[1]:
            faults.append(f"{model.config.num_labels} labels, wanted {expected.shape[1]}")
        tokenizer = AutoTokenizer.from_pretrained(folder)
        yield folder, "transformers", difference(
            expected, logits_of(model, tokenizer, texts, arguments.max_length)), faults


def difference(expected, actual):
    if expected.shape != actual.shape:
        sys.exit(f"got logits {tuple(actual.shape)}; wanted {tuple(expected.shape)}: texts and logits do not belong together")
    return (expected - actual).abs().max().item()


def main():
    arguments = parse_arguments()
    torch.manual_seed(0)
    with open(arguments.texts, encoding="utf-8", newline="\n") as file:
        texts = file.read().removesuffix("\n").split("\n")
    tokenizer = AutoTokenizer.from_pretrained(arguments.base)
    results = [*check_adapters(arguments, tokenizer, texts), *check_models(arguments, texts)]
    width = max(len(folder) for folder, *_ in results)
    print(f"{'folder':<{width}}  {'loaded by':<14}  {'texts':>5}  {'largest difference':>18}  verdict")
    good = True
    for folder, reader, largest, faults in results:
        passed = largest <= arguments.tolerance and not faults
        good = good and passed
        print(f"{folder:<{width}}  {reader:<14}  {len(texts):>5}  {largest:>18.2e}  {'ok' if passed else 'DIFFERS'}")
        for fault in faults:
            print(f"  {fault}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
