#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""examples/refuse.c: one call fails, by each of its numbers, and nothing else does."""
import errno
import os
import platform
import sys

from harness import STRAIT as EXAMPLE, expect, need, ok, run, scratch, skip, write, done

STRAIT = os.path.abspath(sys.argv[3])


def refuse(*args, **kw):
    return run(EXAMPLE, *args, **kw)


BAD = [
    ((), 'usage:'), (('1', 'x86_64', '1'), 'usage:'),
    (('x', 'x86_64', '1', 'true'), 'NR is a number'),
    (('-1', 'x86_64', '1', 'true'), 'NR is a number'),
    (('4294967296', 'x86_64', '1', 'true'), 'NR is a number'),
    (('1', 'x86', '1', 'true'), 'an architecture without a name is a number'),
    (('1', 'x86_64', '4096', 'true'), 'ERRNO is a number up to 4095'),
    (('1', 'x86_64', '1x', 'true'), 'ERRNO is a number up to 4095'),
]
for args, message in BAD:
    expect(f'refuse {" ".join(args)!r} is refused', refuse(*args), 2, err=message)

if platform.machine() != 'x86_64':
    skip("the numbers of these rows are x86_64's")
    done()

path = os.path.join(scratch, 'made')
expect('mkdir fails', refuse('83', 'x86_64', str(errno.EROFS), 'mkdir', path), 1, err='Read-only file system')
expect('for children too', refuse('83', 'x86_64', '30', 'sh', '-c', f'mkdir {path} || exit 7'), 7)
ok(not os.path.exists(path), 'nothing was made')
expect('an architecture is known by its AUDIT_ARCH, too', refuse('83', '0xc000003e', '30', 'mkdir', path), 1,
       err='Read-only file system')
expect('another architecture\'s call of that number is another call', refuse('83', 'i386', '30', 'mkdir', path))
ok(os.path.isdir(path) and os.rmdir(path) is None, 'and this one is executed')
expect('an exit code passes', refuse('83', 'x86_64', '30', 'sh', '-c', 'exit 42'), 42)
expect('a program that is not there', refuse('83', 'x86_64', '30', '/no/such'), 127, err='No such file')
expect('a refused execve runs nothing', refuse('59', 'x86_64', '13', 'true'), 126, err='Permission denied')

call = write('call.py', '''import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
r = libc.syscall(ctypes.c_long(int(sys.argv[1], 0)))
print(ctypes.get_errno() if r == -1 else 'fine')
''')
PYTHON = '/usr/bin/python3'
X32 = 0x40000000
if need('python3'):
    skip('no python3 in /usr/bin')
else:
    expect('a call is refused', refuse('110', 'x86_64', '18', PYTHON, '-I', call, '110'), out='18\n')
    expect('by its x32 number as well', refuse('110', 'x86_64', '18', PYTHON, '-I', call, hex(X32 | 110)), out='18\n')
    expect('whichever is given', refuse(str(X32 | 110), 'x86_64', '18', PYTHON, '-I', call, '110'), out='18\n')
    expect('another one is not', refuse('110', 'x86_64', '18', PYTHON, '-I', call, '39'), out='fine\n')
    expect('4095 is the largest errno', refuse('110', 'x86_64', '4095', PYTHON, '-I', call, '110'), out='4095\n')
    expect('with 0 a call does nothing', refuse('83', 'x86_64', '0', 'mkdir', path))
    ok(not os.path.exists(path), 'though it says so')

# The library's word on the same: what strait refuses, the example refuses.
same = run(STRAIT, 'refuse', 'mkdir', '30', '--', 'mkdir', path)
expect('strait refuse says the same', same, 1, err='Read-only file system')
done()
