#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait refuse: the call that is named fails with the errno that is named, and nothing else changes."""
import errno
import os
import platform

from harness import expect, need, ok, run, scratch, show, skip, strait, write, done


def refuse(*args, **kw):
    return strait('refuse', *args, **kw)


PYTHON = '/usr/bin/python3'
# What a program sees of a call: its errno, or 0.
CALL = '''import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
r = libc.syscall(*(ctypes.c_long(int(a, 0)) for a in sys.argv[1:]))
print(ctypes.get_errno() if r == -1 else 'result %d' % (r != 0))
'''
call_py = write('call.py', CALL)
X86_64 = platform.machine() == 'x86_64'
GETPPID, GETPID, X32 = '110', '39', 0x40000000

if need('python3'):
    skip('no python3 in /usr/bin')
elif not X86_64:
    skip('the numbers of these rows are x86_64\'s')
else:
    # calls, errno, the call that is made, what it answers
    ROWS = [
        ('getppid', 'EPERM', GETPPID, errno.EPERM),
        ('getppid', '1', GETPPID, errno.EPERM),
        ('getppid', '0x1', GETPPID, errno.EPERM),
        ('getppid', '4095', GETPPID, 4095),
        ('getppid', '0', GETPPID, 'result 0'),
        ('getppid', 'EPERM', GETPID, 'result 1'),
        (GETPPID, 'EACCES', GETPPID, errno.EACCES),
        ('0x6e', 'EACCES', GETPPID, errno.EACCES),
        ('getppid@x86_64', 'EACCES', GETPPID, errno.EACCES),
        ('getppid@amd64', 'EACCES', GETPPID, errno.EACCES),
        (GETPPID + '@x86_64', 'EACCES', GETPPID, errno.EACCES),
        ('getppid@i386', 'EACCES', GETPPID, 'result 1'),
        ('getppid@x32', 'EACCES', GETPPID, 'result 1'),
        ('getpid,getppid', 'EACCES', GETPPID, errno.EACCES),
        ('getpid,getppid', 'EACCES', GETPID, errno.EACCES),
        ('getppid,getppid', 'EACCES', GETPPID, errno.EACCES),
        ('getppid', 'EACCES', hex(X32 | int(GETPPID)), errno.EACCES),
        ('getppid@x32', 'EXDEV', hex(X32 | int(GETPPID)), errno.EXDEV),
        (f'{X32 | int(GETPPID)}@x32', 'EXDEV', hex(X32 | int(GETPPID)), errno.EXDEV),
    ]
    for calls, error, made, answer in ROWS:
        expect(f'refuse {calls} {error}: call {made} is answered {answer}',
               refuse(calls, error, '--', PYTHON, '-I', call_py, made), out=f'{answer}\n')
    # The 32-bit entry, from a 64-bit program: open is 5 there, getppid 64.
    source = write('i386.c', '''#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	long r = strtol(argv[1], NULL, 0);
	__asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
	printf("%d\\n", (int)r < 0 ? -(int)r : 0);
	return argc != 2;
}
''')
    program = os.path.join(scratch, 'i386')
    if need('gcc') or run('gcc', '-o', program, source).returncode or run(program, '64').returncode:
        skip('no gcc, or no 32-bit entry')
    else:
        expect('a name is refused by the 32-bit entry too', refuse('getppid', 'EXDEV', program, '64'),
               out=f'{errno.EXDEV}\n')
        expect('... or only there', refuse('getppid@i386', 'EXDEV', program, '64'), out=f'{errno.EXDEV}\n')
        expect('... or not there', refuse('getppid@x86_64', 'EXDEV', program, '64'), out='0\n')
        expect('a number is the machine\'s own', refuse(GETPPID, 'EXDEV', program, '64'), out='0\n')
        expect('... or of what is named', refuse('64@i386', 'EXDEV', program, '64'), out=f'{errno.EXDEV}\n')

path = os.path.join(scratch, 'made')
result = refuse('mkdir,mkdirat', 'EROFS', '--', 'mkdir', path)
expect('a program fails as its call does', result, 1, err='Read-only file system')
ok(not os.path.exists(path), 'and has done nothing')
expect('children too', refuse('mkdir,mkdirat', 'EROFS', 'sh', '-c', f'mkdir {path} || exit 7'), 7)
expect('standard input passes', refuse('mkdir', 'EROFS', '--', 'cat', stdin=b'text'), out='text')
expect('an exit code passes', refuse('mkdir', 'EROFS', 'sh', '-c', 'exit 42'), 42)
ok(refuse('mkdir', 'EROFS', 'sh', '-c', 'kill -15 $$').returncode == -15,
   'strait becomes the program: a signal is the program\'s own')
expect('the program\'s options are the program\'s', refuse('mkdir', 'EROFS', 'sh', '-c', 'echo $#', 'x', '--print'),
       out='1\n')

BAD = [
    (('opne', 'EPERM', 'true'), "no system call 'opne'; did you mean 'open'?"),
    (('nothing_like_it', 'EPERM', 'true'), "no system call 'nothing_like_it'"),
    (('', 'EPERM', 'true'), "no system call ''"),
    (('read,', 'EPERM', 'true'), "no system call ''"),
    (('read if 1', 'EPERM', 'true'), "no system call 'read if 1'"),
    (('read\nkill', 'EPERM', 'true'), 'no system call'),
    (('read@', 'EPERM', 'true'), "no architecture ''"),
    (('read@nothing', 'EPERM', 'true'), "no architecture 'nothing'"),
    (('99999', 'EPERM', 'true'), 'no system call has the number 99999'),
    (('5x', 'EPERM', 'true'), "'5x' is no system call's number"),
    (('99999999999999999999', 'EPERM', 'true'), 'is no system call\'s number'),
    (('read', 'EPREM', 'true'), "did you mean 'EPERM'?"),
    (('read', 'perm', 'true'), 'ERRNO is a name'),
    (('read', '4096', 'true'), 'from 0 to 4095'),
    (('read', '1x', 'true'), 'ERRNO is a name'),
    (('read', '', 'true'), 'ERRNO is a name'),
    (('read', 'E(', 'true'), 'ERRNO is a name'),
    (('read', '-1', 'true'), 'ERRNO is a name'),
    ((), 'which call?'),
    (('read',), 'which errno?'),
    (('read', 'EPERM'), 'which program?'),
    (('read', 'EPERM', '--'), 'which program?'),
    (('--print', 'read', 'EPERM', 'true'), 'nothing is run'),
    (('--pritn', 'read', 'EPERM'), "did you mean '--print'?"),
]
if X86_64:
    BAD += [
        (('open@arm', 'EPERM', 'true'), "programs of 'arm' don't run on x86_64"),
        (('read@x86_46', 'EPERM', 'true'), "did you mean 'x86_64'?"),
        (('cacheflush', 'EPERM', 'true'), "x86_64 has no system call 'cacheflush'"),
        (('openat2@i386,socketcall@x86_64', 'EPERM', 'true'), "x86_64 has no system call 'socketcall'"),
    ]
for args, message in BAD:
    expect(f'refuse {" ".join(args)!r} is refused', refuse(*args), 2, err=message)

expect('a refused execve starts nothing', refuse('execve', 'EPERM', 'true'), 126, err='the filters stop execve')
expect('a program that isn\'t there', refuse('mkdir', 'EPERM', '/no/such'), 127, err="no program '/no/such'")
expect('help says what it does', refuse('--help'), out='NAME[@ARCH]')

printed = refuse('--print', 'mkdir,mkdirat', 'EROFS')
expect('the policy is printed', printed, out='errno(EROFS) mkdir\n')
policy = write('printed.strait', printed.stdout)
expect('strait check finds no error in it', strait('check', policy), not_err='error')
expect('strait run does the same with it', strait('run', '-p', policy, 'mkdir', path), 1, err='Read-only file system')
ok(run('true').returncode == 0 and not os.path.exists(path), 'nothing was made', show(printed))
done()
