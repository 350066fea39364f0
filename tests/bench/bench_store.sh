#!/bin/sh
# usage: bench_store.sh BENCH_STORE SLOW_FSYNC [FOLDER]
set -e
echo "syncs as they are:"
"$1" "${3:-.}"
echo "every sync takes 2 ms:"
LD_PRELOAD=$2 "$1" "${3:-.}"
