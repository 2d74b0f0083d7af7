#!/bin/sh
# The study behind the default learning rates of docs/adapters.md: LoRA and two forms of Deep LoRA on the built-in model.
# Some 900 runs of 4 to 7 seconds; stopped, it goes on where it was. The reports it leaves are results/adapters-*.md.
#
#   scripts/adapter_study.sh LOWRANK FOLDER [SHARD]
#
# LOWRANK: the program, as `dotnet publish -c Release src/LowRank.Cli` makes it. SHARD: 1/2 and 2/2 on two cores at once
# (then `lowrank compare report FOLDER/similarity` and `FOLDER/intent` make the reports).
set -eu
lowrank=$1
mkdir -p "$2"
cd "$2"
shard=${3:+--shard $3}

[ -f similarity-train.csv ] || "$lowrank" sample --task similarity --rows 2000 --seed 1 --out .
[ -f intent-train.csv ] || "$lowrank" sample --task intent --rows 2000 --seed 1 --out .

similarity() {
    "$lowrank" compare similarity-train.csv --validation-file similarity-validation.csv --test similarity-test.csv \
        --model mini-bert --samples 64 --head-learning-rate 0.001 --steps 150 --eval-every 30 --validation-rows 128 \
        --loss-levels 0.5,0.1,0.05 --threads 1 --seeds 0-9 $shard --out similarity "$@"
}

intent() {
    "$lowrank" compare intent-train.csv --validation-file intent-validation.csv --test intent-test.csv \
        --model mini-bert --samples 192 --steps 200 --eval-every 40 --validation-rows 128 \
        --threads 1 --seeds 0-9 $shard --out intent "$@"
}

intent --methods head-only --learning-rates 1x
intent --methods deep-lora --learning-rates 0.5x,1x,2x,4x
intent --methods lora,deep-lora-narrow --learning-rates 1x,2x,4x,8x
similarity --methods head-only --learning-rates 1x
similarity --methods deep-lora --ranks 4,8,16,64 --learning-rates 0.25x,0.5x,1x,2x
similarity --methods lora,deep-lora-narrow --ranks 4,8,16,64 --learning-rates 0.25x,0.5x,1x,2x,4x
similarity --methods lora,deep-lora-narrow,deep-lora --ranks 8 --learning-rates 0.0005,0.001,0.002,0.004,0.008
similarity --methods deep-lora+gamma=0,deep-lora+gamma=0.1,deep-lora+gamma=1 --ranks 8 --learning-rates 0.25x,0.5x,1x
