#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait merge: one program for a stack, and what of the stack never matters."""
import json
import os
import sys

from harness import SOURCE, STRAIT, done, expect, ok, run, scratch, show, skip, strait, write

DOCKER = os.path.join(SOURCE, 'bench', 'policies', 'docker.strait')
write('web.strait', 'arch x86_64\ndefault kill_process\nallow { read write exit_group }\n'
                    'allow socket if family == AF_UNIX || family == AF_INET\nerrno(EACCES) mount\n')
write('unix.strait', 'arch x86_64\ndefault allow\nerrno(EPERM) socket if family != AF_UNIX\ntrap(7) mount\n')
# An architecture that there isn't, x32 told by a range, an argument's bits, data of an allow.
write('odd.asm', 'ld [4]\njeq #0x12345678, odd, known\nodd: ld [0]\njge #0x40000000, x32, no\n'
                 'known: ld [0]\njgt #0x3fffffff, x32, nr\nnr: jset #0x10, args, yes\nargs: ld [20]\nand #0xf0f0\n'
                 'jeq #0x1010, yes, no\nx32: ret #0x50016\nno: ret #0x80000000\nyes: ret #0x7fff0000\n')
write('product.asm', 'ld [16]\ntax\nld [24]\nmul x\nret a\n')
write('allow.strait', 'arch x86_64\nforeign allow\ndefault log\nallow read\n')

# ---- what comes out ----

CALLS = ['read(0, 0, 0)', 'socket(AF_UNIX, 1, 0)', 'socket(AF_INET, 1, 0)', 'socket(AF_INET6, 1, 0)', 'mount(0, 0, 0, 0, 0)',
         'openat(-100, 0, 0)', '0x40000001', '16(arg0=0x101000000000)', '48(arg0=0x101000000000)', '48(arg0=0x100000000000)']
for stack in (['web.strait', 'unix.strait'], ['unix.strait', 'web.strait'], ['web.strait', 'odd.asm'],
              ['odd.asm', 'unix.strait', 'web.strait'], ['odd.asm'], ['allow.strait', 'web.strait'], ['web.strait'] * 5):
    name = ' '.join(stack)
    expect(f'{name}: merged', strait('merge', '-o', 'm.bpf', *stack))
    expect(f'{name}: the kernel would accept it', strait('verify', 'm.bpf'))
    args = [a for filter in stack for a in ('-p', filter)]
    for call in CALLS:
        many = json.loads(strait('eval', '--json', *args, call).stdout)['calls'][0]
        one = json.loads(strait('eval', '--json', 'm.bpf', call).stdout)['calls'][0]
        ok(many['ret'] == one['ret'], f'{name}: {call} has one answer', (many, one))
    again = strait('merge', '-f', 'json', 'm.bpf', *stack)
    ok(again.returncode == 0 and b"filter 1, 'm.bpf', changes nothing" in again.stderr,
       f'{name}: below the stack, its one program changes nothing', show(again))

# ---- what never matters ----

expect('a rule that others overrule is shown with its line', strait('merge', '-f', 'asm', 'web.strait', 'unix.strait'),
       err=['web.strait:5:1: warning[M002]', 'errno(EACCES) mount'], not_err='M001')
expect('what is stricter isn\'t', strait('merge', '-f', 'asm', 'unix.strait', 'web.strait'), not_err='unix.strait:4')
expect('a filter that changes nothing is named', strait('merge', '-f', 'asm', 'web.strait', 'web.strait', 'unix.strait'),
       err="warning[M001]: filter 1, 'web.strait', changes nothing", not_err='filter 2')
expect('one filter alone has nothing to say', strait('merge', '-f', 'asm', 'web.strait'), not_err='warning')

# ---- the program's forms ----

expect('-f c names the array', strait('merge', '-f', 'c', 'web.strait'), out='merged_insns[]')
expect('the ending of -o decides', strait('merge', '-o', 'both.c', 'web.strait', 'unix.strait'))
ok('both_insns[]' in open(os.path.join(scratch, 'both.c')).read(), 'and names the array')
listing = strait('merge', '-f', 'json', 'web.strait', 'unix.strait')
ok(len(json.loads(listing.stdout)['instructions']) > 5, '-f json has the instructions', show(listing))
told = strait('merge', '--json', 'web.strait', 'unix.strait')
parts = json.loads(told.stdout)
ok(told.returncode == 0 and not told.stderr and [f['name'] for f in parts['filters']] == ['web.strait', 'unix.strait'] and
   [(m['code'], m['line']) for m in parts['messages']] == [('M002', 5)] and parts['merged']['instructions'] > 0,
   '--json tells about the stack', show(told))
expect('--json with -o writes the program as well', strait('merge', '--json', '-o', 'j.bpf', 'web.strait', 'odd.asm'))
expect('which the kernel would accept', strait('verify', 'j.bpf'))

# ---- what can't be merged ----

expect('no filter', strait('merge'), 2, err='which filters?')
expect('a filter that isn\'t there', strait('merge', 'web.strait', 'nothing.bpf'), 2, err='nothing.bpf')
write('short.bpf', b'\x20\0\0\0\0\0\0\0')
expect('a filter that the kernel would not accept', strait('merge', 'web.strait', 'short.bpf'), 2, err='F004')
expect('filters of two byte orders', strait('merge', '--order', 'big', 'odd.asm', 'web.strait'), 2, err='F005')
expect('what can\'t be proven names the instruction',
       strait('merge', '--proof-nodes', '20000', 'web.strait', 'product.asm'), 2,
       err=['F009', '20000 nodes', "instruction 3 of 'product.asm': mul x"])
expect('--proof-nodes takes a number', strait('merge', '--proof-nodes', '-1', 'web.strait'), 2, err='takes a number')
expect('--json leaves no room for the program', strait('merge', '--json', '-o', '-', 'web.strait'), 2, err='to a file')
wrong = strait('merge', '--json', 'web.strait', 'short.bpf')
ok(wrong.returncode == 2 and json.loads(wrong.stdout)['messages'][0]['code'] == 'F004', 'errors are in the JSON', show(wrong))

# ---- other people's filters ----

made = run(sys.executable, os.path.join(SOURCE, 'tools', 'libseccomp-docker.py'), DOCKER, os.path.join(scratch, 'theirs.bpf'))
if made.returncode == 77:
    skip(made.stdout.decode().strip())
else:
    ok(made.returncode == 0, 'libseccomp builds the container profile', show(made))
    for stack in ([DOCKER, 'theirs.bpf'], ['theirs.bpf', DOCKER]):
        expect(f'over {os.path.basename(stack[0])}, {os.path.basename(stack[1])} changes nothing: they are the same',
               strait('merge', '-o', 'm.bpf', *stack), err='M001', not_err='filter 2')
    size = os.path.getsize(os.path.join(scratch, 'm.bpf'))
    theirs = os.path.getsize(os.path.join(scratch, 'theirs.bpf'))
    ok(size < theirs / 4, f'one program of {size} bytes instead of {theirs}')
done()
