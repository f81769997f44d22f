# SPDX-License-Identifier: BSD-2-Clause
"""strait learn: a program confined by what was learned of it works, and what it does not change."""
import os
import signal

from harness import done, expect, need, ok, run, scratch, show, skip, strait, write

write('hello.c', '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
write('words', '\n'.join(str(i * 7919 % 10007) for i in range(5000)) + '\n')
write('tree/a/b/c', 'x' * 1000)
write('tree/a/d', 'y' * 100)

PYTHON = '''import threading, subprocess, os
threads = [threading.Thread(target=sum, args=([i],)) for i in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(subprocess.run(['/bin/echo', 'child'], capture_output=True).stdout)
pid = os.fork()
if pid == 0:
    os._exit(3)
print(os.waitpid(pid, 0)[1])
'''
GIT = 'git init -q repo && cd repo && echo 1 > f && git add f && git -c user.name=x -c user.email=x@x commit -qm m'

# name, what it needs, command, files to remove before each run
PROGRAMS = [
    ('ls', [], ['ls', '-lR', 'tree'], []),
    ('cat', [], ['cat', 'words'], []),
    ('gcc', ['gcc'], ['gcc', '-O1', 'hello.c', '-o', 'hello'], ['hello']),
    ('python3', ['python3'], ['python3', '-c', PYTHON], []),
    ('git log', ['git'], ['git', '--no-pager', '-C', 'repo', 'log', '--stat'], []),
    ('sort', [], ['sort', '-n', 'words', '-o', 'sorted'], ['sorted']),
    ('tar', ['tar'], ['tar', 'cf', 'tree.tar', 'tree'], ['tree.tar']),
    ('dash', ['dash'], ['dash', '-c', 'for i in 1 2 3; do cat words | sort | tail -n $i > out; done; wc -l < out'],
     ['out']),
    ('bash', ['bash'], ['bash', '-c', 'trap "echo got" USR1; kill -USR1 $$; (exit 3) || echo $?; ls tree | wc -l'], []),
]


def clean(files):
    for name in files:
        path = os.path.join(scratch, name)
        if os.path.exists(path):
            os.remove(path)


def test_program(name, command, made):
    policy = os.path.join(scratch, 'p.strait')
    clean(made + ['p.strait'])
    plain = run(*command)
    clean(made)
    learned = strait('learn', '-o', policy, '--runs', '2', '--', *command)
    ok(learned.returncode == plain.returncode == 0 and learned.stdout == plain.stdout * 2,
       f'{name}: learned, and it does what it does', show(learned))
    for _ in range(3):
        clean(made)
        confined = strait('run', '-p', policy, '--', *command)
        if confined.returncode or confined.stdout != plain.stdout:
            break
    ok(confined.returncode == 0 and confined.stdout == plain.stdout, f'{name}: confined, it works three times',
       show(confined))
    with open(policy) as f:
        text = f.read()
    clean(made)
    again = strait('learn', '-o', policy, '--append', '--', *command)
    with open(policy) as f:
        ok(again.returncode == 0 and f.read() == text, f'{name}: appended, nothing changes', show(again))
    expect(f'{name}: the policy checks', strait('check', policy), 0)


run('sh', '-c', GIT)
for name, programs, command, made in PROGRAMS:
    missing = need(*programs)
    if missing:
        skip(f'{name}: no {missing}')
    else:
        test_program(name, command, made)

# What a program returns and how it dies.
expect('exit codes pass', strait('learn', 'sh', '-c', 'exit 7'), 7)
expect('a signal is 128 and its number', strait('learn', 'sh', '-c', 'kill -TERM $$'), 128 + signal.SIGTERM)
expect('no such program is 127, and there is no policy', strait('learn', './nowhere'), 127, err='no program')
expect('without -o and -r the policy is printed', strait('learn', 'true'), 0, out='include "libc"')
expect('the default can be another', strait('learn', '--default', 'errno(EPERM)', 'true'), 0, out='default errno(EPERM)')
expect('... but not one that lets all happen', strait('learn', '--default', 'allow', 'true'), 2, err='K003')
expect('... nor one that there is not', strait('learn', '--default', 'never', 'true'), 2, err="no action 'never'")
denied = strait('learn', '-o', 'never/p', 'true')
expect('a policy that can not be written is an error', denied, 2)
expect('signals reach the program', strait('learn', 'sh', '-c', 'trap "exit 5" TERM; kill -TERM $$; exit 6'), 5)
expect('stdin is the program\'s', strait('learn', '-o', 'p', 'cat', stdin=b'text'), 0, out='text')

# What is written.
strait('learn', '-o', 'true.strait', 'true')
killed = strait('run', '-p', 'true.strait', '--', 'sh', '-c', 'echo x > written')
expect('what was not learned is stopped', killed, 128 + signal.SIGSYS, err='was stopped')
write('mine.strait', '# Mine.\ndefault kill_process\ninclude "libc"\nallow write if fd == 2\n')
strait('learn', '-o', 'mine.strait', '--append', 'echo', 'x')
with open(os.path.join(scratch, 'mine.strait')) as f:
    text = f.read()
ok(text.startswith('# Mine.\ndefault kill_process\ninclude "libc"\nallow write if fd == 2\n') and 'allow write\n' in text,
   'an argument that the policy itself tests is seen', text)
write('refuses.strait', 'default kill_process\ninclude "libc"\nerrno(EACCES) write\n')
refused = strait('learn', '-o', 'refuses.strait', '--append', 'sh', '-c', 'echo x 2>/dev/null || exit 9')
ok(refused.returncode == 9, 'rules that refuse are obeyed, and stay', show(refused))
expect('nothing is to be learned of a policy that lets all happen',
       strait('learn', '-o', os.path.join(os.path.dirname(__file__), '../../policies/default.strait'), '--append', 'true'),
       126, err='K003')

# Recordings.
strait('learn', '-r', 'one.rec', 'echo', 'x')
strait('learn', '-r', 'one.rec', 'mkdir', '-p', 'made/of')
both = strait('learn', '-r', 'one.rec')
expect('a recording is added to, and gives a policy', both, 0, out=['mkdir', 'write', 'echo x', 'mkdir -p made/of'])
exact = strait('learn', '--exact', '-r', 'exact.rec', '-o', 'exact.strait', 'cat', 'words')
with open(os.path.join(scratch, 'exact.rec')) as f:
    lines = f.read().splitlines()
ok(any(line.startswith('mmap ') and line.endswith(' libc') for line in lines) and
   any(line.startswith('execve 1 ') for line in lines), 'an exact recording has what libc allows', '\n'.join(lines))
expect('... and its policy works', strait('run', '-p', 'exact.strait', 'cat', 'words'), 0)
expect('a recording is a profile', strait('compile', '--profile', 'exact.rec', '-f', 'asm', 'exact.strait'), 0, out='ret')
write('bad.rec', '# strait recording 1\nread x y\n')
expect('a line that is none is said', strait('learn', '-r', 'bad.rec'), 2, err=['bad.rec:2', 'K001'])
write('write.rec', '# strait recording 1\nwrite 1 x86_64\n')
before = os.stat(os.path.join(scratch, 'refuses.strait')).st_mtime_ns
expect('what a rule of the policy refuses is an error', strait('learn', '-r', 'write.rec', '-o', 'refuses.strait', '--append'),
       2, err=['K002', 'errno(EACCES) write'])
ok(os.stat(os.path.join(scratch, 'refuses.strait')).st_mtime_ns == before, '... and the file is as it was')
runs = strait('learn', '--runs', '3', '-o', 'p', 'echo', 'x')
expect('after each run it says what was new', runs, 0, err=['run 1 of 3: ', 'write', 'nothing new; it has settled'])

for name, args in {
    'which program?': [],
    '--append adds to a file': ['--append', 'true'],
    '--exact stops at every call': ['--append', '--exact', '-o', 'x', 'true'],
    '--runs takes a number': ['--runs', '0', 'true'],
}.items():
    expect(f'bad usage: {name}', strait('learn', *args), 2, err=name)

# Other ABIs, other ids.
if need('gcc') or run('gcc', '-m32', '-static', 'hello.c', '-o', 'hello32').returncode or \
        run('./hello32').returncode:
    skip('i386 programs are not made or not run here')
else:
    expect('an i386 program is learned', strait('learn', '-o', 'i386.strait', './hello32'), 0, out='hello')
    with open(os.path.join(scratch, 'i386.strait')) as f:
        ok('on i386 {' in f.read(), 'its calls stand in a block of its own')
    expect('... and it works', strait('run', '-p', 'i386.strait', './hello32'), 0, out='hello')
THREADS = '''#include <pthread.h>
#include <stdio.h>
static void *f(void *a) { return a; }
int main(void) { pthread_t t; return pthread_create(&t, 0, f, 0) || pthread_join(t, 0) || puts("joined") < 0; }
'''
write('threads.c', THREADS)
for bits in '-m32', '-m64':
    if need('gcc') or run('gcc', bits, '-static', '-pthread', 'threads.c', '-o', 'threads').returncode or \
            run('./threads').returncode:
        skip(f'{bits}: no static program with threads')
        continue
    learned = strait('learn', './threads')
    ok(b'joined' in learned.stdout and b'clone3' not in learned.stdout, f'{bits}: clone3 is not needed', show(learned))
    expect(f'{bits}: --exact lets it be called', strait('learn', '--exact', './threads'), 0, out='joined')
if need('gcc') or os.geteuid() != 0 or run('gcc', 'hello.c', '-o', 'privileged').returncode:
    skip('no program can be made set-user-ID')
else:
    os.chmod(os.path.join(scratch, 'privileged'), 0o4755)
    expect('a set-user-ID program is told of', strait('learn', '-o', 'p', './privileged'), 0, err='set-user-ID')
done()
