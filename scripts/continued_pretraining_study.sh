#!/bin/sh
# Does it help to go on pre-training, on a task's texts without their labels? Scores of a few labelled rows before and
# after. Real text: SNLI and QNLI on mini-bert, which knows no real English. The sample world: messages to the town's
# service desk on a BERT that was stopped early; a control goes on as long on the town's general text instead. Some 570 runs
# of 3 to 10 seconds and seven pre-trainings of 1 to 5 minutes; stopped, it goes on where it was, but for a pre-training,
# which begins again. The tables it prints are those of results/continued-pretraining.md.
#
#   scripts/continued_pretraining_study.sh LOWRANK FOLDER DATA
#
# LOWRANK: the program, as `dotnet publish -c Release src/LowRank.Cli` makes it. DATA: a folder with train.json and dev.json
# in snli and in qnli, objects of {"text_a": first text, "text_b": second text, "label": ...}, and with snli-16-shot/16-N,
# N = 13, 21, 42, 87, 100: train.tsv and dev.tsv, 16 rows of each class in SNLI's own columns. Needs jq.
set -eu
lowrank=$1
mkdir -p "$2"
for task in snli qnli; do
    for part in train dev; do
        [ -f "$2/$task-$part.json" ] || cp "$3/$task/$part.json" "$2/$task-$part.json"
    done
done
# A header with fewer columns than the rows: the texts are the eighth and ninth, the label is the last.
for split in 13 21 42 87 100; do
    for part in train dev; do
        jq -R -n '[inputs | split("\t")] | .[1:] | to_entries | map({key: (.key | tostring),
            value: {text_a: .value[7], text_b: .value[8], label: .value[-1]}}) | from_entries' \
            "$3/snli-16-shot/16-$split/$part.tsv" > "$2/snli-$split-$part.json"
    done
done
cd "$2"

learn() {
    out=$1
    shift
    [ -f "$out/model.safetensors" ] ||
        "$lowrank" pretrain "$@" --window 64 --batch-size 32 --mask-share 0.2 --threads 1 --force --out "$out"
}

# The same rows, order and head for every model and method.
judge() {
    out=$1
    shift
    "$lowrank" compare "$@" --methods head-only,lora,deep-lora --learning-rates 1x --max-length 64 --threads 1 --out "$out"
}

# Mean and standard deviation over the seeds, and the 95 % interval (Student's t) of the difference to the first model.
table() {
    folder=$1
    shift
    echo "| rows | method | model | accuracy | std | against $1 | 95 % CI |"
    echo "| ---: | --- | --- | ---: | ---: | ---: | ---: |"
    for model in "$@"; do
        find "$folder/$model" -path '*/runs/*.json' | sort | xargs jq -c --arg model "$model" '{model: $model, cell, accuracy: .test.accuracy}'
    done | jq -s -r --arg first "$1" '
        def mean: add / length;
        def std: mean as $m | (map((. - $m) * (. - $m)) | add / (length - 1)) | sqrt;
        def show: (. * 10000 | round) as $n | (if $n < 0 then -$n else $n end | tostring) as $s
            | (if $n < 0 then "-" else "" end) + "0." + ("0000" + $s)[-4:];
        def signed: show | if startswith("-") then . else "+" + . end;
        [.[] | .rows = .cell.samples | .method = .cell.method | .seed = .cell.seed] | . as $all
        | ["head-only", "lora", "deep-lora"] as $methods | [$all[].model] | reduce .[] as $m ([]; if index($m) then . else . + [$m] end)
        | . as $models | ([$all[].rows] | unique[]) as $rows | $methods[] as $method | $models[] as $model
        | ([$all[] | select(.rows == $rows and .method == $method)] | sort_by(.seed)) as $here
        | [$here[] | select(.model == $model) | .accuracy] as $scores
        | [$here[] | select(.model == $first) | .accuracy] as $before
        | [range($scores | length) | $scores[.] - $before[.]] as $more
        | ({"5": 2.776445, "10": 2.262157}[$more | length | tostring] * ($more | std) / ($more | length | sqrt)) as $half
        | "| \($rows) | \($method) | \($model) | \($scores | mean | show) | \($scores | std | show) | "
            + if $model == $first then "- | - |" else
                ($more | mean) as $mean | "\($mean | signed) | \($mean - $half | signed) to \($mean + $half | signed) |" end'
}

jq -r '.[] | .text_a, .text_b, ""' snli-train.json > snli.txt
set -- snli.txt --model mini-bert --pairs --steps 2000 --eval-every 200
learn snli-full "$@" --learning-rate 0.0005
learn snli-lora "$@" --adapter lora --rank 8
learn snli-lora-fast "$@" --adapter lora --rank 8 --learning-rate 0.005
for model in mini-bert snli-full snli-lora-fast; do
    judge compare-snli/$model snli-train.json --test snli-dev.json --model $model --samples 64,256 --seeds 0-9 --validation-rows 128
done
for model in mini-bert snli-full; do
    for split in 13 21 42 87 100; do
        judge compare-snli-16/$model/$split snli-$split-train.json --validation-file snli-$split-dev.json --test snli-dev.json \
            --model $model --samples 48 --seeds $split
    done
done

jq -r '.[] | .text_a, .text_b, ""' qnli-train.json > qnli.txt
learn qnli-full qnli.txt --model mini-bert --pairs --steps 2000 --eval-every 200 --learning-rate 0.0005
for model in mini-bert qnli-full; do
    judge compare-qnli/$model qnli-train.json --test qnli-dev.json --model $model --samples 64,256 --seeds 0-9 --validation-rows 128
done

mkdir -p town
cd town
[ -f town-train.txt ] || "$lowrank" sample --task plain-text --rows 20000 --seed 1 --out .
[ -f intent-train.csv ] || "$lowrank" sample --task intent --rows 20000 --seed 1 --out .
learn early town-train.txt --tokenizer "$(dirname "$lowrank")/models/mini-bert" --learning-rate 0.0015 --steps 500 --eval-every 50
set -- --model early --steps 1000 --eval-every 100
learn early-plain town-train.txt "$@" --learning-rate 0.001
learn early-full intent-train.csv --text text "$@" --learning-rate 0.001
learn early-lora intent-train.csv --text text "$@" --adapter lora --rank 8 --learning-rate 0.005
for model in early early-plain early-full early-lora; do
    judge compare/$model intent-train.csv --validation-file intent-validation.csv --test intent-test.csv --model $model \
        --samples 48,192 --test-rows 1000 --seeds 0-9 --validation-rows 128
done

cd ..
table compare-snli mini-bert snli-full snli-lora-fast
table compare-snli-16 mini-bert snli-full
table compare-qnli mini-bert qnli-full
table town/compare early early-plain early-full early-lora
