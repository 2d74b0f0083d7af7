#!/usr/bin/env python3
"""Loads a T5 and adapters that lowrank wrote with the real transformers and PEFT, and compares generated texts.

Needs Python with torch, transformers, peft and sentencepiece. In a folder with a run of a T5, its base model and
sources.txt (a source per line):

    lowrank generate reviews-t5 --input sources.txt --max-length 40 > greedy.txt
    lowrank generate reviews-t5 --input sources.txt --max-length 40 --beams 4 > beams.txt
    lowrank export reviews-t5 --out reviews-lora
    lowrank merge reviews-t5 --out reviews-model
    python scripts/check_peft_generation.py --base tiny-t5 --sources sources.txt --max-length 40 \\
        --adapter reviews-lora greedy.txt 1 --adapter reviews-lora beams.txt 4 --model reviews-model greedy.txt 1

Prints a table; ends with code 1 when a text differs.
"""

import argparse
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, help="the base model: a folder or an id")
    parser.add_argument("--sources", required=True, help="a source per line")
    parser.add_argument("--adapter", nargs=3, action="append", default=[], metavar=("DIR", "TEXTS", "BEAMS"))
    parser.add_argument("--model", nargs=3, action="append", default=[], metavar=("DIR", "TEXTS", "BEAMS"))
    parser.add_argument("--max-length", type=int, default=128, help="the --max-length of lowrank generate (default 128)")
    arguments = parser.parse_args()
    if not arguments.adapter and not arguments.model:
        parser.error("give at least one --adapter or --model with the texts that lowrank wrote and its beams")
    return arguments


def read_lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


def texts_of(model, tokenizer, sources, beams, max_length):
    """One source at a time, without padding."""
    texts = []
    with torch.no_grad():
        for source in sources:
            ids = model.generate(
                **tokenizer(source, return_tensors="pt"), num_beams=beams, do_sample=False, max_new_tokens=max_length)
            texts.append(tokenizer.decode(ids[0], skip_special_tokens=True))
    return texts


def load_base(name):
    return AutoModelForSeq2SeqLM.from_pretrained(name).float().eval()


def main():
    arguments = parse_arguments()
    sources = read_lines(arguments.sources)
    good = True
    rows = [(False, *row) for row in arguments.adapter] + [(True, *row) for row in arguments.model]
    for whole, folder, path, beams in rows:
        model = load_base(folder) if whole else PeftModel.from_pretrained(load_base(arguments.base), folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder if whole else arguments.base)
        wanted = read_lines(path)
        if len(wanted) != len(sources):
            sys.exit(f"{path}: got {len(wanted)} lines; wanted {len(sources)}, one per source")
        written = texts_of(model, tokenizer, sources, int(beams), arguments.max_length)
        different = [(ours, theirs) for ours, theirs in zip(wanted, written) if ours != theirs]
        good = good and not different
        reader = "transformers" if whole else "PEFT"
        print(f"{folder}, {beams} beams, by {reader}: {len(sources) - len(different)} of {len(sources)} texts the same")
        for ours, theirs in different:
            print(f"  ours   {ours}\n  theirs {theirs}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
