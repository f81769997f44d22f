#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench-growth.py LIBSTRAIT: how the time to make a filter grows with it, in this process; medians of 15.

`quick` is what strait_filter_compile() takes with STRAIT_COMPILE_QUICK; both figures without the proof.
"""
import statistics
import sys

from libstrait import QUICK, UNPROVEN, Strait

HEAD = 'arch x86_64\ndefault kill_process\n'


def policy(*rules):
    return (HEAD + '\n'.join(rules) + '\n').encode()


def values(n):
    """Without any order between them: multiples of 2^32 over the golden ratio."""
    return '{ ' + ', '.join(str(i * 2654435761 % 2**32) for i in range(1, n + 1)) + ' }'


def calls(n):
    """N numbers, each with a test of its own."""
    return [f'allow syscall({2 * i + 1}) if arg0 == {i * 2654435761 % 2**32}' for i in range(n)]


def measure(strait, name, text, target='', met=lambda length, ms: None):
    flags = 0, UNPROVEN, UNPROVEN | QUICK
    made = [[strait.compile(text, which) for which in flags] for _ in range(15)]
    read, ms, unproven, quick = (statistics.median(v) for v in zip(*((a[0], a[1], b[1], c[1]) for a, b, c in made)))
    length, why = made[0][0][2:]
    shown = f'{length:5} instructions' if length else why
    verdict = met(length, read + ms)
    print(f'{name:28} read {read:5.2f}  compile {unproven:6.2f} (quick {quick:6.2f})  with proof {ms:6.2f} ms  {shown}'
          f'{"" if verdict is None else f"  (target: {target}: " + ("met)" if verdict else "NOT met)")}', flush=True)


def main():
    strait = Strait(sys.argv[1])
    for n in (25, 50, 100, 200, 400, 800, 1600, 2000):
        measure(strait, f'{n} values of one argument', policy(f'allow ioctl if cmd in {values(n)}'))
    for n in (25, 50, 100, 200, 400, 600, 800):
        measure(strait, f'{n} calls with a test each', policy(*calls(n)))
    few = 'at most 24 instructions', lambda length, ms: length is not None and length <= 24
    row = ', '.join(str(0x5400 + i) for i in range(200))
    measure(strait, '200 consecutive values', policy(f'allow ioctl if cmd in {{ {row} }}'), *few)
    clusters = ', '.join(str(0x5400 + 0x100 * c + i) for c in range(4) for i in range(50))
    measure(strait, '200 values in 4 clusters', policy(f'allow ioctl if cmd in {{ {clusters} }}'), *few)
    clusters = ', '.join(str(0x5400 + 0x100 * c + i) for c in range(10) for i in range(20))
    measure(strait, '200 values in 10 clusters', policy(f'allow ioctl if cmd in {{ {clusters} }}'), *few)
    measure(strait, '3200 values of one argument', policy(f'allow ioctl if cmd in {values(3200)}'),
            'at most 20 ms, or an error', lambda length, ms: ms <= 20)


main()
