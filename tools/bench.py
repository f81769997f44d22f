#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench.py BUILD: the figures that the README and the notes quote, measured here and now."""
import os
import subprocess
import sys

build = sys.argv[1]
strait = os.path.join(build, 'cli', 'strait')
spawn = os.path.join(build, 'bench', 'bench-spawn')


def title(text):
    print(f'\n== {text}', flush=True)


def run(*args):
    subprocess.run(args, check=True)


here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
docker = os.path.join(here, 'bench', 'policies', 'docker.strait')
theirs = os.path.join(build, 'docker-libseccomp.bpf')
subprocess.run(['ninja', '-C', build, 'bench/bench-compile', 'bench/bench-notify', 'bench/bench-prove', 'bench/bench-spawn'],
               check=True, stdout=subprocess.DEVNULL)
title('read, compile and emit the shipped policies (target: the largest under 2 ms and 4 MiB)')
run(os.path.join(build, 'bench', 'bench-compile'))
title('compile and prove: the shipped policies, a container profile (target: under 10 ms); then whole comparisons')
made = subprocess.run([os.path.join(here, 'tools', 'libseccomp-docker.py'), docker, theirs], capture_output=True, text=True)
run(os.path.join(build, 'bench', 'bench-prove'), docker, *(['--', docker, theirs] if made.returncode == 0 else []))
if made.returncode:
    print('the same profile as libseccomp builds it: skipped:', made.stdout.strip() or made.stderr.strip())
title('growth: values of one argument, calls with tests (targets of issue 6)')
run(os.path.join(here, 'tools', 'bench-growth.py'), os.path.join(build, 'libstrait.so.0'))
title('what `strait run` adds to starting a program, one CPU, medians of 301 interleaved rounds (target: under 1.5 ms)')
run(spawn, '301', '--', '/bin/true', '--', strait, 'run', '/bin/true',
    '--', strait, 'run', '--report=none', '/bin/true')
title('a supervised call that does nothing, both sides on one CPU, medians of 101 interleaved rounds (target: 1.2 of bare)')
run(os.path.join(build, 'bench', 'bench-notify'), '101', '2000')
title('learning against not tracing and strace, medians of 5 interleaved rounds (target: 1.3; a tenth of what strace adds)')
run(os.path.join(here, 'tools', 'bench-learn.py'), strait, '5')
title('what the command and the library are linked with (target: libc only)')
for path in strait, os.path.join(build, 'libstrait.so.0'):
    out = subprocess.run(['ldd', path], capture_output=True, text=True, check=True).stdout
    print(os.path.basename(path) + ':', ', '.join(line.split()[0] for line in out.splitlines()))
title('sizes')
for path in strait, os.path.join(build, 'libstrait.so.0'):
    print(f'{os.path.basename(path)}: {os.path.getsize(path) / 1024:.0f} KiB with symbols and debug information')
run('size', strait, os.path.join(build, 'libstrait.so.0'))
