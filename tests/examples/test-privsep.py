# SPDX-License-Identifier: BSD-2-Clause
"""examples/privsep.c: files through the monitor, nothing without it, and what an attacker in the child gets."""
from harness import *

PROGRAM, COMMAND = STRAIT, os.path.abspath(sys.argv[3])

files = os.path.join(scratch, 'files')
write('files/hello', 'hello, world\n')
write('files/large', 'x' * 300000)
write('files/' + 'n' * 63, 'a long name\n')
write('secret', 'the secret\n')
os.mkdir(os.path.join(files, 'folder'))
os.mkfifo(os.path.join(files, 'pipe'))
os.symlink('../secret', os.path.join(files, 'link'))
os.chmod(os.path.join(scratch, 'secret'), 0o644)

r = run(PROGRAM, files)
if b"can't be confined" in r.stderr:
    skip('the child can\'t be confined: ' + r.stderr.decode().strip())
    done()
expect('nothing asked', r)
expect('a file', run(PROGRAM, files, stdin=b'show hello\n'), out='hello, world\n', err='')
r = run(PROGRAM, files, stdin=b'show large\nshow hello\n')
ok(r.returncode == 0 and r.stdout == b'x' * 300000 + b'hello, world\n', 'a large one, and another', r.returncode)
expect('a name of 63 characters', run(PROGRAM, files, stdin=b'show ' + b'n' * 63 + b'\n'), out='a long name')
expect('a name of 64', run(PROGRAM, files, stdin=b'show ' + b'n' * 64 + b'\n'), out='too long')
for name in ('nothing', 'folder', 'pipe', 'link'):
    r = run(PROGRAM, files, stdin=f'show {name}\nshow hello\n'.encode())
    ok(r.returncode == 0 and r.stdout == b'there is no such file\nhello, world\n', f'no such file: {name}', show(r))
expect('something else', run(PROGRAM, files, stdin=b'delete hello\n'), out='please: show NAME')
expect('a very long line', run(PROGRAM, files, stdin=b'x' * 5000 + b'\nshow hello\n'), out='hello, world')
# This parser lets such names through, which is the bug that the monitor is there for.
for name in ('../secret', '/etc/passwd', '.', ''):
    r = run(PROGRAM, files, stdin=f'show {name}\n'.encode())
    expect(f'a name that leads outside: "{name}"', r, code=3, err='asked for what its parser never would')
    ok(b'secret' not in r.stdout and r.stdout == b'', '... shows nothing', show(r))

for how in ('file', 'socket', 'program', 'kill', 'write'):
    r = run(PROGRAM, '--taken-over', how, files)
    expect(f'taken over: {how}: the filter ends the child', r, code=3, err="its filter doesn't allow")
    ok(r.stdout == b'' and b'hello' not in r.stderr, '... which got nothing', show(r))
r = run(PROGRAM, '--taken-over', 'ask', files)
expect('taken over: ask: the monitor ends the child', r, code=3, err='asked for what its parser never would')
ok(r.stdout == b'', '... which got nothing', show(r))

expect('an attack that it does not know', run(PROGRAM, '--taken-over', 'x', files), code=2, err='usage:')
expect('no folder', run(PROGRAM), code=2, err='usage:')
expect('a folder that isn\'t there', run(PROGRAM, '/nonexistent'), code=2, err='/nonexistent')
policy = write('none.strait', 'default allow\nerrno(ENOSYS) seccomp\n')
r = run(COMMAND, 'run', '--report=none', '-p', policy, '--', PROGRAM, files, stdin=b'show hello\n')
expect('without seccomp the child does nothing', r, code=1, err="can't be confined")
ok(b'hello' not in r.stdout, '... and shows nothing', show(r))
done()
