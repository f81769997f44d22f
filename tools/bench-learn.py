#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench-learn.py STRAIT ROUNDS: what `strait learn` adds to programs, beside strace. Interleaved, medians, ratios."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

strait, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2])
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.chdir(tempfile.mkdtemp(prefix='strait-bench-'))
with open('x.c', 'w') as f:
    f.write('#include <stdio.h>\nint main(void) { return puts("x") < 0; }\n')
with open('words', 'w') as f:
    f.writelines(f'{i * 7919 % 1000003}\n' for i in range(300000))

PROGRAMS = {
    'ls -lR': ['ls', '-lR', '/usr/include'],
    'gcc': ['gcc', 'x.c', '-o', 'x'],
    'python3': ['python3', '-c', 'import json, os, subprocess, sys, threading'],
    'git log': ['git', '-C', here, '--no-pager', 'log', '-100', '--stat'],
    'sort': ['sort', 'words'],
    'tar': ['tar', 'cf', 'x.tar', '/usr/include'],
    'a shell loop': ['sh', '-c', 'i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done'],
}
WAYS = {
    'none': [],
    'learn': [strait, 'learn', '-o', 'p', '--'],
    '--exact': [strait, 'learn', '--exact', '-o', 'p', '--'],
    'strace -f': ['strace', '-f', '-o', '/dev/null'],
    '--seccomp-bpf': ['strace', '-f', '--seccomp-bpf', '-o', '/dev/null'],
}
if not shutil.which('strace'):
    print('strace is not here: skipped')
    WAYS = {name: way for name, way in WAYS.items() if not way or way[0] == strait}

print(f"{'':14}" + ''.join(f'{way:>22}' for way in WAYS))
for name, command in PROGRAMS.items():
    if not shutil.which(command[0]):
        print(f'{name:14}not here: skipped')
        continue
    times = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, prefix in WAYS.items():
            start = time.perf_counter()
            subprocess.run(prefix + command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times[way].append(time.perf_counter() - start)
    medians = {way: statistics.median(t) for way, t in times.items()}
    row = ''.join(f"{m * 1000:12.0f} ms {m / medians['none']:5.2f} x" for m in medians.values())
    share = ''
    if 'strace -f' in medians:
        added = medians['strace -f'] - medians['none']
        # Less than this is the machine's noise.
        share = '' if added < medians['none'] / 5 else f"   learn adds {(medians['learn'] - medians['none']) / added:.2f} of what strace -f adds"
    print(f'{name:14}{row}{share}', flush=True)
