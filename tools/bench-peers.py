#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench-peers.py BUILD: the same policies by strait and by libseccomp, as a list and as a tree, side by side.

Where strait proves that libseccomp's program answers the same to every call there is, the heading says so. Executed
instructions are counted by `strait bench`; `make` is the time from the policy's text (strait: with its proof) or from the
list of rules (libseccomp) to a raw program, in this process; `attach` is seccomp(2) in a child. Times are medians.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import libseccomp
from libstrait import Strait

BUILD = sys.argv[1]
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STRAIT = os.path.join(BUILD, 'cli', 'strait')
ROUNDS = 31
scratch = tempfile.TemporaryDirectory(prefix='strait-peers-')
_missed = []


def compile_to(name, path, *options):
    out = os.path.join(scratch.name, name + '.bpf')
    subprocess.run([STRAIT, 'compile', *options, '-o', out, path], check=True)
    return out


def bench(files, *options):
    made = subprocess.run([STRAIT, 'bench', '--json', *options, *files], check=True, capture_output=True, text=True)
    return json.loads(made.stdout)['filters']


def time_strait(path):
    with open(path, 'rb') as f:
        text = f.read()
    strait = Strait(os.path.join(BUILD, 'libstrait.so.0'))
    return statistics.median(sum(strait.compile(text)[:2]) for _ in range(ROUNDS))


def time_libseccomp(lib, policy, mode):
    """Rules to a program, which goes to memory."""
    taken = []
    fd = os.memfd_create('program')
    for _ in range(ROUNDS):
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        begin = time.perf_counter()
        libseccomp.build(lib, policy, mode, fd)
        taken.append((time.perf_counter() - begin) * 1e3)
    os.close(fd)
    return statistics.median(taken)


def number(value, decimals=2):
    return '-' if value is None else f'{value:.{decimals}f}'


def of(part):
    return f'{number(part["average"])}/{part["max"]}' if part['cases'] else '-'


COLUMNS = (('length', 8), ('plain', 14), ('cached', 9), ('tested', 14), ('denied', 14), ('by mix', 8), ('make ms', 9),
           ('attach ms', 10))


def put(name, cells):
    print(f'{name:20}' + ''.join(f'{cell:>{width}}' for cell, (_, width) in zip(cells, COLUMNS)))


def print_row(name, made, ms):
    attach = made['live']['attach_ns']
    cached = f'{made["plain"]["cached"]}/{made["plain"]["numbers"]}'
    put(name, [made['instructions'], of(made['plain']), cached, of(made['tested']), of(made['denied']),
               number(made['all']['weighted']), number(ms, 3), number(attach and attach / 1e6, 3)])


def show(title, rows, options=()):
    """Rows of (name, program, ms to make it); their counts."""
    print(f'\n== {title}')
    put('', [name for name, _ in COLUMNS])
    counts = bench([file for _, file, _ in rows], '--from', 'raw', *options)
    for (name, _, ms), made in zip(rows, counts):
        print_row(name, made, ms)
    return counts


def peers(path, strait_raw):
    """libseccomp's rows, and whether they mean the same."""
    lib = libseccomp.load()
    if not lib:
        return [], 'no libseccomp.so.2 here, so strait is alone'
    policy, rows, said = libseccomp.facts(path), [], 'proven the same by both compilers'
    strait = Strait(os.path.join(BUILD, 'libstrait.so.0'))
    for mode, name in ((1, 'libseccomp, list'), (2, 'libseccomp, tree')):
        out = os.path.join(scratch.name, f'libseccomp-{mode}.bpf')
        try:
            with open(out, 'wb') as f:
                libseccomp.build(lib, policy, mode, f.fileno())
        except ValueError as e:
            print(f'{name}: {e}')
            continue
        with open(out, 'rb') as theirs, open(strait_raw, 'rb') as ours:
            same = strait.same(ours.read(), theirs.read())
        if same is not True:
            said = f'not the same by both compilers: {same}'
        rows.append((name, out, time_libseccomp(lib, policy, mode)))
    return rows, said


def target(name, value, limit, decimals=2):
    met = value is not None and value <= limit
    if not met:
        _missed.append(name)
    print(f'  {name:52} {number(value, decimals):>8}   target <= {limit:<7} {"met" if met else "NOT MET"}')


def policy_of(name):
    return os.path.join(HERE, 'bench', 'policies', name + '.strait')


def bench_66():
    path, profile = policy_of('66-calls'), os.path.join(scratch.name, 'equal')
    with open(profile, 'w', encoding='utf-8') as f:
        f.writelines(sorted({f'{name} 1\n' for _, name, _ in libseccomp.facts(path)[2]}))
    equal = compile_to('equal', path, '--profile', profile)
    everything = compile_to('all', path, '--profile', profile, '--weigh=all')
    rows, said = peers(path, equal)
    ms = time_strait(path)
    made = show(f'60 plain calls, 6 with tests, all counted alike ({said})',
                [('strait', equal, ms), ('strait --weigh=all', everything, None),
                 ('strait --size', compile_to('size', path, '--size'), None)] + rows, ['--profile', profile])
    a, b = made[:2]
    print('targets of issue 6:')
    target('length', a['instructions'], 84, 0)
    target('tested, average', a['tested']['average'], 10.0)
    target('tested, maximum', a['tested']['max'], 12, 0)
    target('denied, average', a['denied']['average'], 10.0)
    target('plain calls that the cache misses', a['plain']['numbers'] - a['plain']['cached'], 0, 0)
    target('--weigh=all: length', b['instructions'], 92, 0)
    target('--weigh=all: plain, average', b['plain']['average'], 9.1)
    target('--weigh=all: plain, maximum', b['plain']['max'], 13, 0)
    target('--weigh=all: plain calls that the cache misses', b['plain']['numbers'] - b['plain']['cached'], 0, 0)


def bench_policy(name, title):
    path = policy_of(name)
    ours = compile_to(name, path)
    rows, said = peers(path, ours)
    everything = compile_to(name + '-all', path, '--weigh=all')
    files = [('strait', ours, time_strait(path)), ('strait --weigh=all', everything, None)] + rows
    return show(f'{title} ({said})', files), [file for _, file, _ in files]


def bench_docker():
    made, files = bench_policy('docker', 'podman\'s default profile, x86-64, i386 and x32; calls of x86-64')
    longest = []
    for i, (ours, how) in enumerate(zip(made, ('', '--weigh=all: '))):
        others = [bench([files[i]], '--no-live', '--from', 'raw', '-a', abi)[0] for abi in ('i386', 'x32')]
        longest.append((how, max(one['all']['max'] for one in [ours, *others])))
    print('targets of issue 6:')
    for ours, (how, most) in zip(made, longest):
        target(how + 'length', ours['instructions'], 330, 0)
        target(how + 'longest way of any call of the three ABIs', most, 16, 0)
        target(how + 'average by strait\'s mix', ours['all']['weighted'], 9.0)
        attach = ours['live']['attach_ns']
        target(how + 'attach, ms', attach and attach / 1e6, 0.25, 3)


def main():
    bench_66()
    bench_docker()
    bench_policy('ssh-preauth', 'a policy like OpenSSH\'s before authentication, x86-64')
    bench_policy('system-service', 'systemd\'s @system-service, x86-64, i386 and x32; calls of x86-64')
    print(f'\naverage/maximum of executed instructions. {len(_missed)} targets are not met{":" if _missed else "."}')
    for name in _missed:
        print(' ', name)


main()
