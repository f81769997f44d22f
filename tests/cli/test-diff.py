#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait diff: what it says of two filters, exactly; and that every call it shows is answered by `strait eval` as it says,
on both sides, differently.
"""
import json
import os
import random
import struct
from pathlib import Path

from harness import SOURCE, done, expect, ok, scratch, show, strait, write

DATA = Path(SOURCE) / 'tests' / 'decompile' / 'data'
HEAD = 'arch x86_64\ndefault kill_process\n'


def stack(flag, paths):
    return [word for path in paths for word in (flag, path)]


def evaluate(paths, call):
    """The action that `strait eval` names for a call, or None where it can't be asked."""
    result = strait('eval', '--json', *stack('-p', paths), call)
    answer = json.loads(result.stdout)['calls'][0] if result.returncode in (0, 1) else None
    return answer and answer['ret']


def confirm(name, a, b, *options, least=1):
    """The differences of two stacks; one test that eval confirms each of their calls."""
    result = strait('diff', '--json', *options, *stack('-A', a), *stack('-B', b))
    said = json.loads(result.stdout)
    wrong, asked = [], 0
    for d in said['differences']:
        if d['call'] is None:
            continue
        asked += 1
        answers = evaluate(a, d['call']), evaluate(b, d['call'])
        # Where ALLOW and LOG carry no data, what eval names is what the filter returned.
        if answers != (d['a_ret'], d['b_ret']) or answers[0] == answers[1]:
            wrong.append((d['text'], d['call'], answers, d['a'], d['b']))
    ok(not wrong and asked >= least and result.returncode == (1 if said['differences'] else 0), f'{name}: eval confirms {asked} calls', wrong or show(result))
    return said


# ---- what it says ---------------------------------------------------------------------------------------------------
# A's rules, B's rules, what stdout is after the line with the architecture.
SAID = [
    ('a call that only one allows', 'allow { read open openat creat }', 'allow read',
     '  open, creat, openat: only A allows; B answers kill_process\n      open()\n'),
    ('the other way round', 'allow read', 'allow { read log }'.replace('log', 'mount'),
     '  mount: only B allows; A answers kill_process\n      mount()\n'),
    ('one more value', 'allow socket if family == AF_UNIX', 'allow socket if family in { AF_UNIX, AF_VSOCK }',
     '  socket: B also allows family == AF_VSOCK; A answers kill_process\n      socket(AF_VSOCK)\n'),
    ('a condition or none', 'allow socket', 'allow socket if family == AF_UNIX',
     '  socket: A also allows family != AF_UNIX; B answers kill_process\n      socket()\n'),
    ('a width', 'allow clone if arg0 == CLONE_VM', 'allow clone if (arg0 & 0xffffffff) == CLONE_VM'.replace('(', '').replace(')', ''), None),
    ('an errno', 'errno(EPERM) mount', 'errno(ENOSYS) mount',
     '  mount: A answers errno(EPERM), B errno(ENOSYS)\n      mount()\n'),
    ('an errno under a condition', 'errno(EPERM) ioctl if cmd == TIOCSTI', 'errno(ENOSYS) ioctl if cmd == TIOCSTI',
     '  ioctl: if cmd == TIOCSTI, A answers errno(EPERM), B errno(ENOSYS)\n      ioctl(0, TIOCSTI)\n'),
    ('log instead of allow', 'log read', 'allow read', '  read: A answers log, B allow\n      read()\n'),
    ('the width of an int', 'allow socket if family == AF_UNIX', 'allow socket if arg0 == AF_UNIX',
     '  socket: B tests 64 bits of family, A the lower 32, as the kernel\n      socket(arg0=0x100000001)\n'),
    ('calls with the same difference stand together', 'allow { chmod fchmod creat } if mode & 06000 == 0', 'allow { chmod fchmod creat }',
     '  creat, chmod, fchmod: B also allows mode & 06000 != 0; A answers kill_process\n      creat(0x0, 02000)\n'),
    ('numbers without a name', 'allow syscall(1000..1010)', 'allow syscall(1005)',
     '  syscall(1000..1004), syscall(1006..1010): only A allows; B answers kill_process\n      0x3e8\n'),
    ('an address', 'allow read if ip == 0x1234', 'allow read',
     '  read: B also allows ip != 0x1234; A answers kill_process\n      read()\n'),
]
for name, a, b, wanted in SAID:
    paths = write('a.strait', HEAD + a + '\n'), write('b.strait', HEAD + b + '\n')
    result = strait('diff', '-a', 'x86_64', *paths)
    if wanted:
        ok(result.returncode == 1 and result.stdout.decode() == 'x86_64\n' + wanted, name, f'wanted:\n{wanted}{show(result)}')
    confirm(name, [paths[0]], [paths[1]])

default = strait('diff', write('a.strait', HEAD), write('b.strait', 'arch x86_64\ndefault errno(EPERM)\n'))
expect('another default', default, 1, out='x86_64\n  every call: A answers kill_process, B errno(EPERM)\n')
listed = strait('diff', write('a.strait', HEAD + 'allow read\n'), write('b.strait', 'arch x86_64\ndefault errno(EPERM)\nallow write\n'))
expect('another default, and calls besides', listed, 1,
       out=['  read: only A allows; B answers errno(EPERM)\n', '  write: only B allows; A answers kill_process\n',
            '  every other call: A answers kill_process, B errno(EPERM)\n'])
both = strait('diff', write('a.strait', 'arch x86_64, i386\ndefault kill\nallow { read write }\n'), write('b.strait', 'arch x86_64, i386\ndefault kill\nallow read\n'))
expect('architectures with the same differences stand together', both, 1, out='x86_64, i386\n  write: only A allows')
foreign = strait('diff', write('a.strait', HEAD), write('b.strait', HEAD + 'foreign errno(ENOSYS)\n'))
expect('what neither has rules for', foreign, 1, out='other architectures\n  every call: A answers kill_process, B errno(ENOSYS)\n')
wide = strait('diff', write('a.strait', 'arch i386\ndefault kill\nallow kill if sig == 9\n'), write('b.strait', 'arch i386\ndefault kill\nallow kill if arg1 == 9\n'))
expect('a difference that no process can show', wide, 1, out=['B tests 64 bits of sig', 'no process can make such a call'])

# ---- equal, subset --------------------------------------------------------------------------------------------------
small, large = write('small.strait', HEAD + 'allow read\nerrno(EPERM) write\n'), write('large.strait', HEAD + 'allow { read write }\n')
expect('a policy and its program', strait('diff', small, write('small.bpf', strait('compile', '-f', 'raw', small).stdout)), 0, out='alike')
expect('a subset', strait('diff', '--subset', small, large), 0, out='A lets nothing happen that B stops')
expect('no subset', strait('diff', '--subset', large, small), 1, out='write: only A allows; B answers errno(EPERM)')
expect('another errno lets nothing more happen', strait('diff', '--subset', write('e.strait', HEAD + 'errno(ENOSYS) write\n'), small), 0)
notify, trace = write('n.strait', HEAD + 'notify read\n'), write('t.strait', HEAD + 'trace read\n')
expect('what others decide is more than nothing', strait('diff', '--subset', notify, write('h.strait', HEAD)), 1, out='read: A answers')
expect('and less than everything', strait('diff', '--subset', notify, small), 0)
expect('two who ask others', strait('diff', '--subset', notify, trace), 0)

# ---- stacks ---------------------------------------------------------------------------------------------------------
expect('a stack equals one program', strait('diff', '-A', small, '-A', large, '-B', small), 0)
expect('the rest are arguments', strait('diff', '-A', small, '-A', large, small), 0)
expect('data of the newer filter wins a tie',
       strait('diff', '-A', write('e1.strait', HEAD + 'errno(1) read\n'), '-A', write('e2.strait', HEAD + 'errno(2) read\n'), 'e2.strait', cwd=scratch), 0)
confirm('stacks', [small, write('third.strait', 'arch x86_64\ndefault allow\nlog read\n')], [large, small])

# ---- other people's -------------------------------------------------------------------------------------------------
PAIRS = [
    ('man-db-2.11-reader.bpf', 'man-db-2.11-writer.bpf'),
    ('crun-1.8-podman-default.bpf', 'docker-libseccomp-2.5.bpf'),
    ('vsftpd-3.0-login.bpf', 'vsftpd-3.0-privileged.bpf'),
    ('openssh-9.2.bpf', 'vsftpd-3.0-login.bpf'),
    ('systemd-suid.bpf', 'systemd-memory.bpf'),
    ('flatpak.bpf', 'systemd-namespaces.bpf'),
    ('kafel-shaped.asm', 'minijail-shaped.asm'),
    ('jump-table.asm', 'kafel-shaped.asm'),
]
for a, b in PAIRS:
    for options in (), ('--subset',):
        confirm(f'{a} and {b} {" ".join(options)}', [DATA / a], [DATA / b], '--order=little', *options, least=0 if options else 1)
no_arch = confirm('a program that never looks at arch', [DATA / 'no-arch.asm'], [write('d.strait', 'arch x86_64\ndefault allow\nkill_thread { execve execveat }\n')])

# One changed rule in a long policy is one difference.
docker = (Path(SOURCE) / 'bench/policies/docker.strait').read_text()
random.seed(5)
for removed in random.sample([name for name in 'accept4 bind clone3 dup3 epoll_wait fcntl getcwd ioctl kill lseek mmap open pipe2 readv'.split()], 5):
    changed = docker.replace(f' {removed} ', ' ', 1) if f' {removed} ' in docker else docker.replace(f'\t{removed} ', '\t', 1)
    said = confirm(f'docker without {removed}', [Path(SOURCE) / 'bench/policies/docker.strait'], [write('changed.strait', changed)])
    calls = {call for d in said['differences'] for call in d['calls']}
    ok(calls == {removed}, f'only {removed} is named', said)

# ---- what can't be told ---------------------------------------------------------------------------------------------


def program(*insns):
    return b''.join(struct.pack('<HBBI', *insn) for insn in insns)


ALLOW, KILL = (6, 0, 0, 0x7fff0000), (6, 0, 0, 0x80000000)
product = [(0x20, 0, 0, 16), (7, 0, 0, 0), (0x20, 0, 0, 24), (0x2c, 0, 0, 0)]
one = write('one.bpf', program(*product, (0x15, 0, 1, 12345), ALLOW, KILL))
turned = [(0x20, 0, 0, 24), (7, 0, 0, 0), (0x20, 0, 0, 16), (0x2c, 0, 0, 0)]
two = write('two.bpf', program(*turned, (0x15, 0, 1, 12345), ALLOW, KILL))
other = write('other.bpf', program(*product, (0x15, 0, 1, 12346), KILL, ALLOW))
expect('neither proof nor example', strait('diff', '--order=little', one, two), 2, err=['F010', 'mul x'])
example = strait('diff', '--order=little', one, other)
expect('no proof, but an example', example, 1, out='There may be other differences')

# ---- bad input ------------------------------------------------------------------------------------------------------
expect('one filter', strait('diff', small), 2, err='two filters')
expect('three', strait('diff', small, small, small), 2, err='two filters')
expect('no such file', strait('diff', small, 'no.strait'), 2, err='no.strait')
expect('a wrong program', strait('diff', small, write('bad.bpf', program((0x20, 0, 0, 0)))), 2, err='F004')
expect('machines of two kinds', strait('diff', small, write('big.strait', 'arch s390x\ndefault kill\n')), 2, err='F005')
expect('an option that is none', strait('diff', '--subsets', small, large), 2, err='--subset')
result = strait('diff', '--json', small, large)
said = json.loads(result.stdout)
ok(said['version'] == 1 and said['relation'] == 'same' and said['outcome'] == 'fails' and said['complete'] is True and
   said['differences'][0]['kind'] == 'only_b' and said['differences'][0]['archs'] == ['x86_64'] and
   said['differences'][0]['calls'] == ['write'] and said['differences'][0]['cond'] is None, 'JSON', show(result))
done()
