#!/bin/sh
# E2E by a small T5 of one's own: LoRA and Deep LoRA with 16 pairs and with all, every score on the test set.
# Its report is results/e2e.txt.
#
#   scripts/e2e_study.sh LOWRANK FOLDER DEVSET TESTSET
#
# LOWRANK: the program, as `dotnet publish -c Release src/LowRank.Cli` makes it. DEVSET, TESTSET: devset.csv and
# testset_w_refs.csv of the E2E challenge. Nine tenths of the dev set's meanings are learned from, the rest judges; the
# T5 first reads the sentences of those nine tenths, without their meanings. Parts that are there are not made again.
set -eu
lowrank=$1
dev=$(realpath "$3")
test=$(realpath "$4")
mkdir -p "$2"
cd "$2"
cp "$test" test.csv

python3 - "$dev" <<'PYTHON'
import csv, hashlib, sys

with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    rows = list(csv.DictReader(file))
judged = {row["mr"] for row in rows if hashlib.md5(row["mr"].encode()).digest()[0] % 10 == 0}
for name, part in (("train", [r for r in rows if r["mr"] not in judged]), ("validation", [r for r in rows if r["mr"] in judged])):
    with open(f"{name}.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["mr", "ref"])
        writer.writerows([r["mr"], r["ref"]] for r in part)
    with open(f"{name}-sentences.txt", "w") as file:
        file.writelines(r["ref"].replace("\n", " ") + "\n" for r in part)
    with open(f"{name}-both.txt", "w") as file:
        file.writelines(r["ref"].replace("\n", " ") + "\n" + r["mr"] + "\n" for r in part)
PYTHON

[ -d pieces ] || "$lowrank" tokenizer train train-both.txt --kind unigram --size 1500 --out pieces
[ -f t5/model.safetensors ] || "$lowrank" pretrain train-sentences.txt --validation-file validation-sentences.txt --kind t5 \
    --tokenizer pieces --window 64 --batch-size 32 --learning-rate 0.002 --steps 3000 --eval-every 200 --seed 1 --threads 1 --out t5

# NAME METHOD RATE ROWS STEPS
learn() {
    [ -d "$1" ] || "$lowrank" finetune train.csv --validation-file validation.csv --task e2e --model t5 --adapter "$2" \
        --learning-rate "$3" $4 --steps "$5" --eval-every 100 --patience 0 --max-length 64 --max-target-length 64 --seed 1 --threads 1 --out "$1"
    echo "== $1"
    "$lowrank" evaluate "$1" --data test.csv --beams 4 --threads 1
}

learn lora-16 lora 0.002 "--samples 16" 400
learn deep-lora-16 deep-lora 0.004 "--samples 16" 400
learn full-16 full 0.0005 "--samples 16" 400
learn lora-all lora 0.002 "" 2000
learn deep-lora-all deep-lora 0.004 "" 2000
learn full-all full 0.0005 "" 2000
