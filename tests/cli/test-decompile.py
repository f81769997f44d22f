#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait decompile: what it makes of filters from real software and of those by hand (golden texts in
tests/decompile/data), that a policy survives the way through a program and is hardly longer, and what it refuses.

`strait diff` says whether two filters are the same: it compares programs, and never sees how a text was made.
"""
import os
import random
import re
import struct
import sys
from pathlib import Path

from harness import SOURCE, done, expect, ok, run, scratch, show, skip, strait, write

DATA = Path(SOURCE) / 'tests' / 'decompile' / 'data'
UPDATE = '--update' in sys.argv


def same(name, a, b, *options):
    expect(name, strait('diff', *options, a, b), 0, out='A and B answer every call alike')


def check_text(text, name):
    """No rule of a decompiled text is out of reach, repeated, or has a test that is always or never true. What `strait check`
    finds beyond that (L...) is about the filter, not about its text."""
    result = strait('check', write('checked.strait', text))
    ok(result.returncode == 0 and b'warning[W' not in result.stderr, name, show(result))


# ---- filters of other people ----------------------------------------------------------------------------------------
filters = sorted(p for p in DATA.iterdir() if p.suffix in ('.bpf', '.asm') and p.name != 'no-arch.asm')
for path in filters:
    order = ('--order=little',)
    result = strait('decompile', *order, path)
    if not ok(result.returncode == 0, f'{path.name} is a policy', show(result)):
        continue
    golden = path.with_suffix('.strait')
    if UPDATE:
        golden.write_bytes(result.stdout)
    wanted = golden.read_bytes() if golden.exists() else b''
    ok(wanted == result.stdout, f'{golden.name}', f'--- {golden.name}\n{wanted.decode()}+++ got\n{result.stdout.decode()}')
    same(f'{path.name} and its policy answer alike', path, write('text.strait', result.stdout), *order)
    check_text(result.stdout, f'{path.name}: no rule is idle')
    formatted = strait('fmt', write('text.strait', result.stdout))
    ok(formatted.stdout == result.stdout, f'{path.name}: the layout is the canonical one', show(formatted))
ok(len(filters) >= 18, 'the filters are there', len(filters))

maker = Path(SOURCE) / 'tests' / 'decompile' / 'libseccomp.py'
for name in run(sys.executable, maker).stdout.decode().split():
    out = os.path.join(scratch, name + '.bpf')
    made = run(sys.executable, maker, name, out)
    if made.returncode == 77:
        skip('no libseccomp here')
        continue
    result = strait('decompile', out)
    if ok(made.returncode == 0 and result.returncode == 0, f'{name}: as the installed libseccomp makes it', show(made) + show(result)):
        same(f'{name}: proven once more', out, write('text.strait', result.stdout))

# ---- there and back -------------------------------------------------------------------------------------------------


def expand(path, seen):
    """A policy's text with what it includes, each once, and without comments."""
    text = ''
    for line in strait('fmt', path).stdout.decode().splitlines(keepends=True):
        found = re.match(r'\s*include "([^"]*)"', line)
        if not found:
            text += re.sub(r'\s*#.*', '', line)
            continue
        name = found.group(1)
        if name in seen:
            continue
        seen.add(name)
        beside = os.path.join(os.path.dirname(path), name)
        shipped = os.path.join(SOURCE, 'policies', name + '.strait')
        text += expand(beside if os.path.exists(beside) else shipped, seen)
    return re.sub(r'\n+', '\n', text)


def there_and_back(name, path, text=None):
    program = os.path.join(scratch, 'program.bpf')
    made = strait('compile', '-f', 'raw', '-o', program, path)
    if made.returncode:
        return ok(False, f'{name} compiles', show(made))
    result = strait('decompile', '--order=little', program)
    if b'F004' in result.stderr:
        result = strait('decompile', '--order=big', program)
    if not ok(result.returncode == 0, f'{name}: a policy again', show(result)):
        return None
    back = write('back.strait', result.stdout)
    same(f'{name}: means the same', path, back)
    whole = expand(path, set()) if text is None else text
    return ok(len(result.stdout) <= 2 * len(whole), f'{name}: {len(whole)} bytes became {len(result.stdout)}')


HEAD = 'default kill_process\nbaseline linux 5.10\n'
for path in sorted(Path(SOURCE).glob('policies/*.strait')):
    text = path.read_text()
    whole = write('whole.strait', text if re.search('(?m)^default', text) else HEAD + text)
    there_and_back(f'policies/{path.name}', whole)
for folder in 'examples', 'bench/policies', 'tests/golden':
    for path in sorted(Path(SOURCE).glob(f'{folder}/*.strait')):
        if not path.name.startswith('err-'):
            there_and_back(f'{folder}/{path.name}', str(path))

# What a person writes comes back as it was written, or (a pair) in a way that somebody else might have written it.
ALLOW_LIST, DENY_LIST = 'arch x86_64\ndefault kill_process\n\n', 'arch x86_64\ndefault allow\n\n'
TEXTS = [
    ALLOW_LIST + 'allow { exit_group read write }\n',
    'arch x86_64\ndefault errno(EPERM)\nforeign allow\nbaseline linux 6.6\n\nallow { close read }\n',
    ALLOW_LIST + 'allow socket if family in { AF_UNIX, AF_INET, AF_INET6 } && type & 0xf == SOCK_STREAM\n',
    DENY_LIST + 'errno(EPERM) prctl if option not in { PR_SET_NAME, PR_GET_NAME }\n',
    DENY_LIST + 'errno(ENOSYS) clone3\n\nerrno(EPERM) clone if clone_flags has CLONE_NEWUSER\n',
    ALLOW_LIST + 'allow openat if dfd == AT_FDCWD && flags & O_ACCMODE == O_RDONLY\n',
    ALLOW_LIST + 'allow openat if flags within O_NOFOLLOW | O_CLOEXEC\n',
    ALLOW_LIST + 'allow close if fd > 2\n',
    ALLOW_LIST + 'allow close if arg0 == 5\n',
    ALLOW_LIST + 'allow prlimit64 if new_rlim == NULL\n',
    ALLOW_LIST + 'allow kill if pid > 1 && sig in { SIGTERM, SIGCONT }\n',
    ALLOW_LIST + 'allow write if fd == 1 || fd == 2 && count <= 4096\n',
    ALLOW_LIST + 'allow read if ip in { 0x7f0000000000..0x7fffffffffff }\n',
    ALLOW_LIST + 'errno(EAFNOSUPPORT) socket if family == AF_NETLINK\nallow socket\n',
    ALLOW_LIST + 'allow syscall(1000)\ntrap(7) syscall(2000..0x2fffffff)\n',
    'arch x86_64, i386\ndefault kill_process\n\nallow { exit exit_group }\n\non i386 allow read\n',
    ALLOW_LIST + 'allow mmap if prot & PROT_EXEC == 0 && flags & MAP_TYPE == MAP_PRIVATE\n',
    (ALLOW_LIST + 'allow mmap if prot & PROT_EXEC == 0 || prot & PROT_WRITE == 0\n',
     ALLOW_LIST + 'allow mmap if prot & (PROT_WRITE | PROT_EXEC) != PROT_WRITE | PROT_EXEC\n'),
    (ALLOW_LIST + 'allow close if !(fd == 0 || fd == 1 || fd == 2)\n', ALLOW_LIST + 'allow close if fd > 2\n'),
    ('arch x86_64, i386\ndefault kill_process\n\nallow exit\non i386 allow { sigreturn waitpid }\n',
     'arch x86_64, i386\ndefault kill_process\n\nallow { exit sigreturn waitpid }\n'),
    (DENY_LIST + 'errno(EPERM) personality if personality != 0xffffffff && personality & 0x440000 != 0\n',
     DENY_LIST + 'errno(EPERM) personality if personality != 0xffffffff &&\n'
                 '\t\tpersonality & (ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC) != 0\n'),
    (ALLOW_LIST + 'allow socket if (family == AF_UNIX || family == AF_INET) && protocol == 0\n'
                  'allow socket if family == AF_NETLINK && protocol == 0\n',
     ALLOW_LIST + 'allow socket if family in { AF_UNIX, AF_INET, AF_NETLINK } && protocol == 0\n'),
]
for pair in TEXTS:
    text, wanted = pair if isinstance(pair, tuple) else (pair, pair)
    there_and_back(repr(text.split('\n\n', 1)[1]), write('text.strait', text), text)
    got = strait('decompile', '--order=little', os.path.join(scratch, 'program.bpf')).stdout.decode()
    ok(got == wanted, 'comes back as text', f'wanted:\n{wanted}got:\n{got}')

# Random policies, in the manner of people: few calls with conditions, many without.
ARGUMENTS = {
    'socket': [('family', ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_VSOCK']), ('protocol', ['0', '6', '17'])],
    'openat': [('dfd', ['AT_FDCWD', '3']), ('flags', ['O_RDONLY', 'O_WRONLY', 'O_CLOEXEC', 'O_NOFOLLOW', 'O_CREAT']), ('mode', ['0600', '04000'])],
    'ioctl': [('fd', ['0', '1', '2']), ('cmd', ['TCGETS', 'TCSETS', 'TIOCGWINSZ', 'TIOCSTI', 'FIONREAD'])],
    'prctl': [('option', ['PR_SET_NAME', 'PR_GET_NAME', 'PR_SET_SECCOMP', 'PR_CAPBSET_READ'])],
    'mprotect': [('prot', ['PROT_READ', 'PROT_WRITE', 'PROT_EXEC']), ('len', ['4096', '0x100000'])],
    'clone': [('clone_flags', ['CLONE_VM', 'CLONE_THREAD', 'CLONE_NEWUSER', 'CLONE_NEWNS'])],
    'kill': [('pid', ['0', '1']), ('sig', ['SIGTERM', 'SIGKILL', '0'])],
    'lseek': [('offset', ['0', '4096']), ('whence', ['SEEK_SET', 'SEEK_CUR', 'SEEK_END'])],
    'fcntl': [('cmd', ['F_GETFL', 'F_SETFL', 'F_DUPFD', 'F_SETLK'])],
}
PLAIN = 'read write close exit exit_group brk munmap getpid gettid futex poll pipe2 dup3 wait4 statx mount ptrace bpf chroot keyctl'.split()
FLAGS = ('flags', 'prot', 'clone_flags', 'mode')


def random_test(rng, name, values):
    form = rng.randrange(6)
    some = rng.sample(values, rng.randint(1, min(3, len(values))))
    if name in FLAGS:
        mask = ' | '.join(some)
        return rng.choice([f'{name} within {mask}', f'{name} has {mask}', f'{name} & ({mask}) == 0', f'{name} & ({mask}) != 0'])
    if form < 2:
        return f'{name} {rng.choice(["==", "!="])} {some[0]}'
    if form < 4:
        return f'{name} {rng.choice(["in", "not in"])} {{ {", ".join(some)} }}'
    number = rng.choice(['1', '16', '4096'])
    return f'{name} {rng.choice(["<", "<=", ">", ">="])} {number}'


def random_condition(rng, call):
    tests = [random_test(rng, *rng.choice(ARGUMENTS[call])) for _ in range(rng.randint(1, 3))]
    text = tests[0]
    for test in tests[1:]:
        text = rng.choice([f'{text} && {test}', f'{text} || {test}', f'!({text}) && {test}', f'({text}) && {test}'])
    return text


def random_policy(rng):
    actions = ['allow', 'errno(EPERM)', 'errno(ENOSYS)', 'kill_process', 'log']
    text = f'arch {rng.choice(["x86_64", "x86_64, i386", "aarch64", "x86_64, x32"])}\ndefault {rng.choice(actions)}\n'
    text += rng.choice(['', 'foreign errno(ENOSYS)\n', 'baseline linux 5.15\n'])
    for action in rng.sample(actions, 2):
        text += f'{action} {{ {" ".join(rng.sample(PLAIN, rng.randint(2, 9)))} }}\n'
    for call in rng.sample(sorted(ARGUMENTS), rng.randint(1, 4)):
        for _ in range(rng.randint(1, 2)):
            text += f'{rng.choice(actions)} {call} if {random_condition(rng, call)}\n'
    return text


rng = random.Random(7)
ratios = []
for i in range(60):
    text = random_policy(rng)
    path, program = write('random.strait', text), os.path.join(scratch, 'program.bpf')
    made = strait('compile', '-f', 'raw', '-o', program, path)
    result = strait('decompile', '--order=little', program)
    good = made.returncode == 0 and result.returncode == 0 and strait('diff', path, write('back.strait', result.stdout)).returncode == 0
    ratios.append(len(result.stdout) / len(strait('fmt', path).stdout))
    if not good or ratios[-1] > 2:
        ok(False, f'random policy {i}', text + show(made) + show(result))
ok(max(ratios) <= 2, f'{len(ratios)} random policies: from {min(ratios):.2f} to {max(ratios):.2f} of their bytes, {sum(ratios) / len(ratios):.2f} on average', ratios)

# ---- stacks ---------------------------------------------------------------------------------------------------------
older = write('older.strait', 'arch x86_64\ndefault allow\nerrno(EPERM) { mount ptrace }\nlog openat\n')
newer = write('newer.strait', 'arch x86_64\ndefault kill_process\nallow { read openat ptrace mount }\nkill_thread mount\n')
result = strait('decompile', older, newer)
expect('a stack is one policy', result, 0, out=['default kill_process', 'errno(EPERM)', 'log openat'])
expect('which decides as the stack does', strait('diff', '-A', older, '-A', newer, '-B', write('one.strait', result.stdout)), 0)

# ---- what no policy says --------------------------------------------------------------------------------------------


def ld(offset):
    return struct.pack('<HBBI', 0x20, 0, 0, offset)


def jeq(k, jt, jf):
    return struct.pack('<HBBI', 0x15, jt, jf, k)


def ret(k):
    return struct.pack('<HBBI', 0x06, 0, 0, k)


def jset(k, jt, jf):
    return struct.pack('<HBBI', 0x45, jt, jf, k)


ALLOW, KILL, X86_64, S390X = 0x7fff0000, 0x80000000, 0xc000003e, 0x80000016
REFUSED = [
    ('a program without a test of arch', ld(0) + jeq(1, 0, 1) + ret(ALLOW) + ret(KILL), 'other architectures'),
    ('several answers to unknown architectures', ld(4) + jeq(X86_64, 0, 1) + ret(ALLOW) + jeq(0x1234, 0, 1) + ret(KILL) + ret(0x50001), 'unknown architectures'),
    ('an architecture of the other byte order', ld(4) + jeq(S390X, 0, 1) + ret(ALLOW) + ret(KILL), 's390x'),
    ('an action that no kernel has', ld(4) + jeq(X86_64, 0, 1) + ret(0x12340000) + ret(KILL), '0x12340000'),
    ('data that an action has no word for', ld(4) + jeq(X86_64, 0, 1) + ret(ALLOW | 5) + ret(KILL), '0x7fff0005'),
    ('an errno past the kernel\'s last', ld(4) + jeq(X86_64, 0, 1) + ret(0x50000 | 5000) + ret(KILL), '0x00051388'),
    ('arithmetic on architectures', ld(4) + jset(1, 0, 1) + ret(KILL) + ret(0x50001), 'ranges'),
    ('arithmetic on numbers', ld(4) + jeq(X86_64, 0, 2) + ld(0) + jset(0x5555, 1, 0) + ret(KILL) + ret(ALLOW), 'ranges'),
]
for what, program, says in REFUSED:
    path = write('refused.bpf', program)
    out = os.path.join(scratch, 'nothing')
    result = strait('decompile', '--order=little', '-o', out, path)
    expect(f'refused: {what}', result, 1, err=['D001', says])
    ok(not result.stdout and not os.path.exists(out), f'nothing is written: {what}')
expect('with --only, other architectures don\'t count', strait('decompile', '--only', 'x86_64', DATA / 'no-arch.asm'), 0,
       out=['# For calls of x86_64 only', 'kill_thread { execve execveat'])
product = ld(16) + struct.pack('<HBBI', 0x07, 0, 0, 0) + ld(24) + struct.pack('<HBBI', 0x2c, 0, 0, 0) + jeq(12345, 0, 1) + ret(ALLOW) + ret(KILL)
expect('a product of two arguments is too large', strait('decompile', '--order=little', write('product.bpf', product)), 2, err='F009')
expect('no file', strait('decompile'), 2, err='which program')
expect('no program', strait('decompile', write('odd.bpf', b'12345')), 2, err='F002')
expect('not one that the kernel takes', strait('decompile', write('bad.bpf', ld(0))), 2, err='F004')
expect('an unknown architecture', strait('decompile', '--only', 'x68', path), 2, err='no architecture')
expect('a file that can\'t be written', strait('decompile', '-o', '/nowhere/x', older), 2, err='/nowhere/x')
done()
