#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Real programs under the example policies: first doing their work, then something the policy forbids, which is stopped
and named. Each policy is one that people may copy: at most 25 lines."""
import glob
import os
import platform

from harness import EXAMPLES, SOURCE, expect, need, ok, run, scratch, show, skip, strait, write, done

PATH = '/usr/bin:/bin'
os.environ['PATH'] = PATH
from harness import ENV
ENV['PATH'] = PATH
KILLED = 128 + 31

CONNECT = 'import socket; socket.create_connection(("127.0.0.1", 9), 1)'


def policy(name):
    return os.path.join(EXAMPLES, name + '.strait')


def confined(name, *args, **kw):
    return strait('run', '-p', policy(name), '--', *args, **kw)


for path in sorted(glob.glob(os.path.join(EXAMPLES, '*.strait'))):
    lines = open(path).read().count('\n')
    ok(lines <= 25, f'examples/{os.path.basename(path)} has at most 25 lines', lines)
    expect(f'examples/{os.path.basename(path)} has nothing to warn about', strait('check', path), 0, not_err='warning')

hello = write('hello.c', '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
numbers = write('numbers', ''.join(f'{i * 7919 % 100003}\n' for i in range(100000)))
write('tree/one', 'one\n')
write('tree/deeper/two', 'two\n')
script = write('work.py', '''
import os, threading
total = []
threads = [threading.Thread(target=lambda: total.append(sum(range(1000)))) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
pid = os.fork()
if pid == 0:
    os._exit(7)
print(len(total), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
''')

# What each program does, compared with the same without strait: output and exit code are the same.
WORKS = [
    ('ls', ['ls', '-lR', '/usr/include/linux']),
    ('cat', ['cat', hello, numbers]),
    ('gcc', ['gcc', '-O2', '-o', 'hello', 'hello.c']),
    ('python3', ['python3', '-I', script]),
    ('git', ['git', '-C', os.path.join(scratch, 'repository'), '--no-pager', 'log', '--stat']),
    ('sort', ['sort', '--parallel=4', '-S', '1M', '-n', numbers]),
    ('tar', ['tar', 'cf', 'tree.tar', 'tree']),
    ('tar', ['tar', 'xvf', 'tree.tar', '-C', 'out']),
    ('sh', ['dash', '-c', 'cat numbers | sort -n | tail -3; echo a > f; x=$(wc -l < numbers); echo $x; exit 3']),
    ('sh', ['bash', '-c', 'cat numbers | sort -n | tail -3; echo a > f; x=$(wc -l < numbers); echo $x; exit 3']),
    ('sh', ['bash', '-c', 'for i in 1 2 3; do (echo $i | cat >f$i) & done; wait; cat f?; [ -f hello.c ] && ls tree | wc -l']),
]
os.mkdir(os.path.join(scratch, 'out'))
if not need('git'):
    repository = os.path.join(scratch, 'repository')
    run('git', 'init', '-q', repository)
    write('repository/file', 'text\n')
    run('git', '-C', repository, 'add', 'file')
    run('git', '-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '-m', 'first')
for name, command in WORKS:
    missing = need(command[0])
    if missing:
        skip(f'no {missing} here')
        continue
    free = run(*command)
    tamed = confined(name, *command)
    same = (free.returncode, free.stdout, free.stderr) == (tamed.returncode, tamed.stdout, tamed.stderr)
    ok(same and (free.returncode == 0 or 'exit 3' in command[-1]), f'{" ".join(command)[:60]}: as without strait',
       show(tamed))
if not need('gcc'):
    expect('the compiled program runs', run('./hello'), 0, out='hello')
ok(os.path.exists(os.path.join(scratch, 'out/tree/deeper/two')), 'the archive was unpacked')

# The same policy again, and what it forbids: by the program itself where it can be talked into it, else by a small one
# that does one thing. Command, exit code, and what the report must name.
probe_source = write('probe.c', r'''
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char *ls[] = { "ls", NULL };

	(void)argc;
	if (strcmp(argv[1], "connect") == 0)
		return socket(AF_INET, SOCK_STREAM, 0) < 0;
	if (strcmp(argv[1], "write") == 0)
		return open("copy", O_WRONLY | O_CREAT, 0644) < 0;
	if (strcmp(argv[1], "setid") == 0)
		return open("copy", O_WRONLY | O_CREAT, 04755) < 0;
	if (strcmp(argv[1], "device") == 0)
		return mknod("copy", S_IFCHR | 0600, 0) < 0;
	return fork() == 0 ? execv("/bin/ls", ls) : 0;
}
''')
probe = os.path.join(scratch, 'probe')
if not need('gcc'):
    run('gcc', '-o', probe, probe_source)
FORBIDDEN = [
    ('ls', 'ls must not connect', [probe, 'connect'], ['socket(AF_INET, SOCK_STREAM', 'ls.strait:']),
    ('ls', 'ls must not write a file', [probe, 'write'], ['openat(AT_FDCWD', 'O_WRONLY', 'ls.strait:']),
    ('cat', 'cat must not write a file', [probe, 'write'], ['openat(AT_FDCWD', 'O_WRONLY', 'cat.strait:']),
    ('cat', 'cat must not fork', [probe, 'exec'], ['clone(', 'cat.strait:']),
    ('gcc', 'gcc must not connect', [probe, 'connect'], ['socket(AF_INET', 'gcc.strait:']),
    ('gcc', 'gcc must not make devices', [probe, 'device'], ['mknod', 'gcc.strait:']),
    ('python3', 'a script must not connect', ['python3', '-I', '-c', CONNECT],
     ['socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC', 'python3.strait:9', 'kill_process']),
    ('git', 'git log must not connect', ['git', 'ls-remote', 'git://127.0.0.1/x'], ['socket(AF_INET', 'git.strait:']),
    ('git', 'git log must not write a file', ['git', '-C', os.path.join(scratch, 'repository'), 'log', '--output=copy'],
     ['openat(AT_FDCWD', 'O_TRUNC', 'git.strait:']),
    ('sort', 'sort must not start programs', ['sort', '--compress-program=gzip', '-S', '32K', numbers], ['pipe2', 'sort.strait:']),
    ('sort', 'sort must not write set-user-ID files', [probe, 'setid'], ['openat(', '04755', 'sort.strait:']),
    ('tar', 'tar must not make devices', [probe, 'device'], ['mknod', 'tar.strait:9']),
    ('tar', 'tar must not start programs', [probe, 'exec'], ['clone', 'tar.strait:9']),
    ('sh', 'a pipeline must not connect, in a child of a child', ['bash', '-c', '(cat numbers </dev/tcp/127.0.0.1/9); exit $?'],
     ['socket(AF_INET', 'sh.strait:']),
    ('sh', 'a shell must not mount', ['dash', '-c', 'mount -t tmpfs none /mnt'], ['mount', 'sh.strait:']),
]
for name, title, command, report in FORBIDDEN:
    missing = need(command[0], 'mount')
    if missing:
        skip(f'no {missing} here')
        continue
    result = confined(name, *command)
    # A pipeline goes on without the child that was stopped, and so does git without its helper.
    ended = result.returncode == KILLED or (result.returncode and command[0] in ('bash', 'git'))
    ok(ended and all(word in result.stderr.decode() for word in report), title, show(result))
ok(not os.path.exists(os.path.join(scratch, 'copy')), 'the file that was not to be written is not there')

# -p may come several times: a stack. The default policy lets programs work, and answers EPERM.
both = write('both.strait', 'default allow\nkill_process mkdir, mkdirat\n')
stack = strait('run', '-p', both, '-p', policy('cat'), '--', probe, 'exec')
expect('a stack is as strict as its strictest filter', stack, KILLED, err='cat.strait')
expect('which may be the older one', strait('run', '-p', both, '-p', policy('gcc'), '--', 'mkdir', 'd'), KILLED, err='both.strait')
expect('a first filter that stops the second is named, with what would let it',
       strait('run', '-p', policy('sh'), '-p', policy('cat'), '--', 'true'), 126,
       err=['sh.strait', 'allow seccomp if op == SECCOMP_SET_MODE_FILTER'])
expect('without -p the default policy is there', strait('run', '--', 'unshare', '-U', 'true'), 1, err='not permitted')
expect('and programs work under it', strait('run', '--', 'sh', '-c', 'ls /usr | sort | grep ^b; exit 5'), 5, out='bin')


def i386_program():
    """A 32-bit program that needs no 32-bit library, or None where the compiler can't make one."""
    source = write('i386.c', '''
static long call(long nr, long a, long b, long c)
{
	long r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return r;
}
void _start(void)
{
	call(4, 1, (long)"32 bits\\n", 8);
	call(1, call(20, 0, 0, 0) > 0 ? 0 : 1, 0, 0);
	__builtin_unreachable();
}
''')
    out = os.path.join(scratch, 'i386')
    built = run('gcc', '-m32', '-static', '-nostdlib', '-ffreestanding', '-fno-pic', '-fno-pie', '-no-pie',
                '-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-Wl,--build-id=none', '-O1', '-o', out, source)
    return out if built.returncode == 0 and run(out).returncode == 0 else None


program = i386_program() if platform.machine() == 'x86_64' and not need('gcc') else None
if program:
    both = write('both.strait', 'arch x86_64, i386\ndefault kill_process\nallow { execve write exit exit_group getpid }\n')
    only = write('only.strait', 'default kill_process\nallow { execve write exit exit_group getpid }\n')
    less = write('less.strait', 'arch x86_64, i386\ndefault kill_process\nallow { execve exit exit_group getpid }\n')
    expect('a 32-bit program works where the policy lists i386', strait('run', '-p', both, program), 0, out='32 bits')
    expect('it is stopped where the policy does not', strait('run', '-p', only, program), KILLED, err=['i386', 'write'])
    expect('and by a rule like any other', strait('run', '-p', less, program), KILLED, err=['write(1', 'i386', 'less.strait'])
else:
    skip('no 32-bit programs here')
    skip('no 32-bit programs here')
    skip('no 32-bit programs here')
done()
