#!/bin/bash
# The same commands on the processor and on an NVIDIA card, numbers side by side: the smaller matrix studies, fine-tuning,
# predicting, writing, going on with a run, and a step of a BERT of base size. Some 5 minutes. Its report is results/devices.txt.
#
#   scripts/device_check.sh LOWRANK FOLDER [DEVICE]
#
# LOWRANK: the program with a libtorch for cards (docs/devices.md). DEVICE: cuda (default), cuda:N, or cpu to try the script.
# Needs python3.
set -u
lowrank=$1
card=${3:-cuda}
mkdir -p "$2"
cd "$2" || exit 1
failed=0

# LIMIT NAME COMMAND...: one line with the exit code and the seconds; output to NAME.out, NAME.err.
run() {
    local limit=$1 name=$2 began
    shift 2
    began=$(date +%s.%N)
    timeout -s KILL "$limit" "$@" < /dev/null > "$name.out" 2> "$name.err"
    local code=$?
    printf '%-34s rc %-3s %7.1f s\n' "$name" "$code" "$(python3 -c "import time; print(time.time() - $began)")"
    if [ $code -ne 0 ]; then
        failed=1
        tr '\r' '\n' < "$name.err" | tail -n 3 | cut -c1-300
    fi
}

table() {
    python3 - "$@" <<'PYTHON'
import glob, json, sys

def read(path):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}

def numbers(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [number for part in parts for number in numbers(part)]

kind, *paths = sys.argv[1:]
if kind == "training":
    for path in paths:
        report = read(path)
        result = report.get("result", {})
        speed = result.get("throughput", {})
        scores = {name: round(score, 4) for name, score in report.get("best_scores", {}).items()
                  if name in ("loss", "pearson", "spearman", "accuracy")}
        print("   %-24s steps %s loss %.5f  ms/step %.2f  %s" % (
            path, result.get("steps"), result.get("training_loss") or float("nan"),
            speed.get("seconds", 0) / max(1, speed.get("steps", 1)) * 1000, scores))
elif kind == "study":
    shown = ("iterations", "train_loss", "recovery_error", "frozen_spread", "frozen_angle", "first_loss", "last_loss", "score",
             "gap_error", "leak", "top_end", "seconds")
    for path in sorted(glob.glob(paths[0] + "/runs/*.json")):
        name = path.split("/")[-1]
        one, other = (read(file).get("result", {}).get("numbers", {}) for file in (path, paths[1] + "/runs/" + name))
        print("   " + name[:-5], " | ".join(
            "%s %.5g / %.5g" % (key, float(one[key]), float(other.get(key, "nan"))) for key in shown if key in one))
elif kind == "predictions":
    rows = [[json.loads(line) for line in open(path)] for path in paths]
    gaps = [abs(a - b) for one, other in zip(*rows) for a, b in zip(numbers(one), numbers(other))]
    print("   predictions: %d rows, largest difference %.3g" % (len(rows[0]), max(gaps, default=0)))
PYTHON
}

echo "== machine"
command -v nvidia-smi > /dev/null && nvidia-smi --query-gpu=name --format=csv,noheader
grep -m1 'model name' /proc/cpuinfo
nproc
run 60 doctor "$lowrank" doctor

echo "== matrices: cpu / $card"
for id in ${TARGETS:-theory-check fig1 fig3 fig4 fig5 extra-optim extra-comp-mc extra-comp-mf extra-comp-ms extra-gamma}; do
    for device in cpu "$card"; do
        run 120 "$id-$device" "$lowrank" reproduce "$id" --scale quick --seeds 0 --threads 1 --device "$device" --out "on-$device"
    done
    [ "$card" = cpu ] && suffix= || suffix=-cuda
    table study "on-cpu/$id-quick" "on-$card/$id-quick$suffix"
done

echo "== language: cpu / $card"
for device in cpu "$card"; do
    run 120 "fig6-$device" "$lowrank" reproduce fig6 --scale quick --threads 4 --device "$device" --out "on-$device"
done
table study on-cpu/fig6-quick "on-$card/fig6-quick$suffix"

echo "== fine-tuning mini-bert and mini-t5"
for task in similarity facts; do
    [ -f $task-train.csv ] || "$lowrank" sample --task $task --rows 400 --out . > sample.out
done
[ -f town-train.txt ] || "$lowrank" sample --task plain-text --rows 3000 --out . > sample.out
[ -d pieces ] || "$lowrank" tokenizer train town-train.txt --out pieces > pieces.out 2>&1
python3 -c "import csv; print(*[row[0] for row in list(csv.reader(open('facts-test.csv')))[1:41]], sep=chr(10))" > sources.txt
for device in cpu "$card"; do
    run 120 "bert-$device" "$lowrank" finetune similarity-train.csv --validation-file similarity-validation.csv --model mini-bert \
        --adapter deep-lora --steps 150 --seed 1 --threads 4 --device "$device" --out "bert-$device-run" --json --force
    run 120 "t5-$device" "$lowrank" finetune facts-train.csv --validation-file facts-validation.csv --model mini-t5 --steps 150 \
        --seed 1 --threads 4 --device "$device" --out "t5-$device-run" --json --force
done
table training bert-cpu.out "bert-$card.out" t5-cpu.out "t5-$card.out"
for device in cpu "$card"; do
    run 60 "predict-$device" "$lowrank" predict "bert-$card-run" --input similarity-test.csv --logits --out "predicted-$device.jsonl" \
        --device "$device"
    run 60 "generate-$device" "$lowrank" generate "t5-$card-run" --input sources.txt --beams 4 --device "$device"
    run 60 "resume-on-$device" "$lowrank" finetune --resume --out "bert-$card-run" --device "$device" --json
done
table predictions predicted-cpu.jsonl "predicted-$card.jsonl"
echo "   generated lines that differ: $(diff generate-cpu.out "generate-$card.out" | grep -c '^<') of $(wc -l < generate-cpu.out)"

echo "== a BERT of base size from scratch, 12 x 768, batch 32 x 128"
for device in "$card" cpu; do
    [ "$device" = cpu ] && steps=4 || steps=40
    run 300 "base-$device" "$lowrank" pretrain town-train.txt --tokenizer pieces --hidden 768 --layers 12 --heads 12 \
        --intermediate 3072 --window 128 --dropout 0.1 --batch-size 32 --steps $steps --eval-every 1000 --device "$device" \
        --out "base-$device" --json --threads "$(nproc)" --force
done
table training base-cpu.out "base-$card.out"
exit $failed
