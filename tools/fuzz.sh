#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh SECONDS: each fuzzer for that long, from fuzz/corpus/NAME and with the words of fuzz/NAME.dict where there are
# some. What it finds is left in build-ci/crash-NAME-*, what it learned in build-ci/corpus/NAME.
set -eu
cd "$(dirname "$0")/.."
dir=build-ci/san
[ -d $dir ] || CC=clang meson setup -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true $dir
ninja -C $dir
for fuzzer in "$dir"/fuzz/fuzz-*; do
	[ -f "$fuzzer" ] && [ -x "$fuzzer" ] || continue
	name=${fuzzer##*/fuzz-}
	mkdir -p "build-ci/corpus/$name"
	set -- "$1" $(ls "fuzz/$name.dict" 2>/dev/null | sed 's/^/-dict=/')
	echo "fuzz-$name: $1 s"
	"$fuzzer" -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
		${2-} -artifact_prefix="build-ci/crash-$name-" "build-ci/corpus/$name" $(ls -d "fuzz/corpus/$name" 2>/dev/null)
done
