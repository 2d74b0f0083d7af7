#!/bin/sh
# Scores by the number of labelled rows, on the built-in model and two of its tasks: the head alone, LoRA, rsLoRA, two
# forms of Deep LoRA, and all weights, each at its default learning rate and at four times that. Some 900 runs of 3 to 10
# seconds; stopped, it goes on where it was. Its reports are results/few-shot-*.md.
#
#   scripts/few_shot_study.sh LOWRANK FOLDER [SEEDS] [SHARD]
#
# LOWRANK: the program, as `dotnet publish -c Release src/LowRank.Cli` makes it. SEEDS: 0-9. SHARD: 1/2 and 2/2 on two
# cores at once (then `lowrank compare report FOLDER/similarity` and `FOLDER/intent` make the reports).
set -eu
lowrank=$1
mkdir -p "$2"
cd "$2"
seeds=${3:-0-9}
shard=${4:+--shard $4}

for task in similarity intent; do
    [ -f $task-train.csv ] || "$lowrank" sample --task $task --rows 2000 --seed 1 --out .
done

curve() {
    task=$1
    shift
    "$lowrank" compare $task-train.csv --validation-file $task-validation.csv --test $task-test.csv --model mini-bert \
        --steps 200 --eval-every 40 --validation-rows 128 --threads 1 --seeds "$seeds" $shard --out $task "$@"
}

for task in intent similarity; do
    for rows in 16 64 256 1024; do
        curve $task --samples $rows --methods head-only --learning-rates 1x
        curve $task --samples $rows --methods lora,deep-lora,deep-lora-narrow,rslora,full --learning-rates 1x,4x
    done
done
