#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# prelink.sh LD OBJCOPY AR IN.a OUT.a WORKDIR: one object of all members, in which hidden symbols are local, so that
# the library's internal names can't clash with its user's.
set -eu
ld=$1 objcopy=$2 ar=$3 in=$4 out=$5 work=$6
mkdir -p "$work"
"$ld" -r -o "$work/strait.o" --whole-archive "$in"
"$objcopy" --localize-hidden "$work/strait.o"
rm -f "$out"
"$ar" rcsD "$out" "$work/strait.o"
