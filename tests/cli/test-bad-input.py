#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What comes in wrong: a clear sentence, exit 2 (run: 126 where the program could not be started), nothing executed."""
import os
import random
import struct

from harness import SANITIZED, STRAIT, expect, ok, run, scratch, show, skip, strait, write, done

ALLOW = struct.pack('=HBBI', 0x06, 0, 0, 0x7fff0000)
random.seed(1)

# ---- policies -----------------------------------------------------------------------------------------------------
POLICIES = [
    ('empty', b'', 'default'),
    ('no default', b'allow read\n', 'default'),
    ('truncated in a brace', b'default kill\nallow { read write', '}'),
    ('truncated in a string', b'default kill\ninclude "libc', 'include'),
    ('truncated in a condition', b'default kill\nallow socket if family ==', 'socket'),
    ('not UTF-8', b'default kill\nallow { read \xff\xfe }\n', 'UTF-8'),
    ('a NUL byte', b'default kill\nallow re\0ad\n', ''),
    ('random bytes', bytes(random.randrange(256) for _ in range(100000)), ''),
    ('deep nesting', b'default kill\nallow read if ' + b'(' * 100000 + b'fd == 1' + b')' * 100000, ''),
    ('many !', b'default kill\nallow read if ' + b'!' * 100000 + b'fd == 1\n', ''),
    ('a misspelt call', b'default kill\nallow { opne }\n', "did you mean 'open'"),
    ('a misspelt constant', b'default kill\nallow socket if family == AF_UNXI\n', 'AF_UNIX'),
    ('a misspelt argument', b'default kill\nallow socket if famly == AF_UNIX\n', 'family'),
    ('a misspelt action', b'default kill\nalow read\n', 'allow'),
    ('a pointer compared', b'default kill\nallow openat if filename == 5\n', 'NULL'),
    ('a constant too wide', b'default kill\nallow socket if family == 0x100000000\n', '32'),
    ('errno out of range', b'default errno(4096)\n', '4095'),
    ('an include that is not there', b'default kill\ninclude "nowhere"\n', 'nowhere'),
    ('an unknown ABI', b'arch x68_64\ndefault kill\n', 'x86_64'),
    ('two defaults', b'default kill\ndefault allow\n', 'default'),
    ('both byte orders', b'arch x86_64, s390x\ndefault kill\n', 'byte order'),
]
for what, text, says in POLICIES:
    path = write('bad.strait', text)
    for command in (('check', path), ('compile', '-o', os.path.join(scratch, 'out.bpf'), path)):
        result = strait(*command)
        expect(f'{command[0]}: {what}', result, 2, err=[says, 'error'])
    result = strait('run', '-p', path, '--', 'touch', os.path.join(scratch, 'executed'))
    ok(result.returncode in (2, 126) and b'error' in result.stderr, f'run: {what}', show(result))
ok(not os.path.exists(os.path.join(scratch, 'executed')), 'nothing was executed under a policy that is wrong')
ok(not os.path.exists(os.path.join(scratch, 'out.bpf')), 'and nothing was written')

path = write('cycle-a.strait', 'default kill\ninclude "cycle-b.strait"\n')
write('cycle-b.strait', 'include "cycle-a.strait"\n')
expect('a cycle of includes', strait('check', path), 2, err='cycle-b.strait')
several = strait('check', write('several.strait', 'default kill\nallow opne\nallow socket if famly == 1\nallow { raed }\n'))
ok(several.returncode == 2 and several.stderr.count(b'error[') == 3, 'all mistakes are shown in one run', show(several))
ok(several.stderr.count(b'^') == 3 and b'several.strait:2:7: error[' in several.stderr, 'with place and caret', show(several))
big = write('big.strait', 'default kill\n' + 'allow read if fd == 1\n' * 2000000)
expect('a text of 44 MB', strait('check', big), 2, err='big.strait')
big = write('big.strait', 'default kill\n' + 'allow read if fd == 1\n' * 200000)
expect('a text of 4.4 MB', strait('check', big), 2, err=['P001', 'big.strait'])
heavy = 'default kill\n' + ''.join(f'allow ioctl if cmd == {i * 7919 % 0xffffffff} && arg == {i * 104729}\n' for i in range(3000))
expect('more than 4,096 instructions', strait('check', write('heavy.strait', heavy)), 2, err=['4096', 'heavy.strait:'])

# ---- raw programs -------------------------------------------------------------------------------------------------
RAW = [
    ('an odd length', ALLOW + b'\0', 'eight'),
    ('a truncated instruction', ALLOW[:5], 'eight'),
    ('empty', b'', ''),
    ('over 4,096 instructions', ALLOW * 4097, 'F003'),
    ('no return', struct.pack('=HBBI', 0x20, 0, 0, 0), ''),
    ('a jump past the end', struct.pack('=HBBI', 0x15, 9, 9, 0) + ALLOW, ''),
]
for what, data, says in RAW:
    path = write('bad.bpf', data)
    result = strait('verify', path)
    ok(result.returncode in (1, 2) and (result.stderr + result.stdout), f'verify: {what}', show(result))
    result = strait('run', '-p', path, '--', 'touch', os.path.join(scratch, 'executed'))
    ok(result.returncode in (2, 126) and says in result.stderr.decode(), f'run: raw, {what}', show(result))
    result = strait('eval', path, 'read(0)')
    expect(f'eval: raw, {what}', result, 2, err='bad.bpf')
ok(not os.path.exists(os.path.join(scratch, 'executed')), 'nothing was executed under a program the kernel refuses')
for i in range(40):
    junk = bytes(random.randrange(256) for _ in range(8 * random.randrange(1, 60)))
    for command in 'verify', 'disasm':
        result = strait(command, write('junk.bpf', junk))
        if result.returncode not in (0, 1, 2):
            ok(False, f'{command}: junk {junk.hex()}', show(result))
ok(True, 'junk is disassembled and refused without a crash')

# ---- files and usage ----------------------------------------------------------------------------------------------
good = write('good.strait', 'default kill\ninclude "libc"\ninclude "stdio"\n')
expect('a file that is not there', strait('check', os.path.join(scratch, 'no.strait')), 2, err=['no.strait', 'No such file'])
expect('a folder', strait('check', scratch), 2, err='directory')
expect('an unknown command', strait('chek', good), 2, err="'check'")
expect('an unknown option', strait('check', '--jsno', good), 2, err='--jsno')
expect('no argument', strait('check'), 2, err='check')
expect('run without a program', strait('run', '-p', good), 2)
expect('run: no such option', strait('run', '--reprot=all', '--', 'true'), 2)
expect('run: no such report', strait('run', '--report=some', '--', 'true'), 2, err='killed')
expect('eval: an unknown call', strait('eval', good, 'opne(1)'), 2, err="open")
expect('eval: no call', strait('eval', good), 2)
expect('asm: nonsense', strait('asm', write('bad.asm', 'ld [4]\nnonsense\nret #0\n'), '-o', os.path.join(scratch, 'o')), 2, err='bad.asm:2')
expect('syscalls: an unknown name', strait('syscalls', 'opne'), 1, err='open')
if os.getuid() == 0:
    secret = write('secret.strait', 'default kill\n')
    os.chmod(secret, 0)
    os.chmod(scratch, 0o755)
    result = run('setpriv', '--reuid=65534', '--clear-groups', STRAIT, 'check', secret)
    if result.returncode == 127 or b'setpriv' in result.stderr or b'Permission denied' not in result.stderr:
        skip('no other user can read our build here')
    else:
        expect('a file that must not be read', result, 2, err='Permission denied')

# ---- what run can't start -----------------------------------------------------------------------------------------
expect('a program that is not there', strait('run', '-p', good, '--', 'no-such-program'), 127, err=['R001', 'no-such-program'])
expect('a file that is no program', strait('run', '-p', good, '--', good), 126, err=['R002', 'good.strait'])
noexec = write('noexec.strait', 'default kill\nallow { read write exit_group }\n')
expect('a filter that forbids execve', strait('run', '-p', noexec, '--', 'true'), 126, err=['R003', 'execve', 'noexec.strait', 'allow execve'])
refuses = write('refuses.strait', 'default errno(EPERM)\nallow { read write exit_group }\n')
expect('or answers it with an errno', strait('run', '-p', refuses, '--', 'true'), 126, err='execve')
not SANITIZED and expect('so without a tracer', strait('run', '--report=none', '-p', refuses, '--', 'true'), 126, err='true')
locked = write('locked.strait', 'default allow\nkill { seccomp prctl }\n')
expect('a first filter that forbids the second', strait('run', '-p', locked, '-p', good, '--', 'true'), 126)
untraced = write('untraced.strait', 'default allow\ndeny ptrace\n')
not SANITIZED and expect('a strait that may not trace', strait('run', '--report=none', '-p', untraced, '--', STRAIT, 'run', '-p', good, '--', 'true'), 126, err='R005')
uninstalled = write('uninstalled.strait', 'default allow\nerrno(EINVAL) seccomp\n')
expect('a kernel that takes no filter', strait('run', '--report=none', '-p', uninstalled, '--', STRAIT, 'run', '-p', good, '--', 'true'), 126, err='R004')
full = write('full.bpf', ALLOW * 4096)
expect('filters that are too long together', strait('eval', *['-p', full] * 9, 'read(0)'), 2, err=['F006', 'full.bpf'])
if os.path.exists('/dev/full'):
    with open('/dev/full', 'wb') as full:
        import subprocess
        result = subprocess.run([STRAIT, 'syscalls', 'read'], stdout=full, stderr=subprocess.PIPE)
        ok(result.returncode == 2 and b'No space' in result.stderr, 'output that can not be written is an error', result)
done()
