# SPDX-License-Identifier: BSD-2-Clause
"""examples/strict.c: numbers in, factors out; every other call than the few is SIGKILL, exit_group among them."""
from harness import *

PROGRAM, COMMAND = STRAIT, os.path.abspath(sys.argv[3])

r = run(PROGRAM, stdin=b'360\n')
if b'no strict mode here' in r.stderr:
    skip('this process can\'t enter strict mode: ' + r.stderr.decode().strip())
    done()
NUMBERS = [('0', '0'), ('1', '1'), ('2', '2'), ('4', '2 2'), ('97', '97'), ('360', '2 2 2 3 3 5'), ('9409', '97 97'),
           ('9223372036854775808', ' '.join(['2'] * 63)), ('18446744073709551615', '3 5 17 257 641 65537 6700417')]
r = run(PROGRAM, stdin=''.join(n + '\n' for n, _ in NUMBERS).encode())
ok(r.returncode == 0 and r.stdout.decode().splitlines() == [f'{n}: {f}' for n, f in NUMBERS],
   'numbers are factorized, and the child ends by exit(2)', show(r))
r = run(PROGRAM, stdin=b''.join(b'%d\n' % n for n in range(2000)))
ok(r.returncode == 0 and len(r.stdout.splitlines()) == 2000, 'two thousand of them', show(r)[-200:])
expect('no number at all', run(PROGRAM))
expect('what is no number', run(PROGRAM, stdin=b'12\nx\n'), code=2, out='12: 2 2 3', err='no number: x')
expect('exit_group(2) is SIGKILL, after the work is done', run(PROGRAM, '--exit-group', stdin=b'6\n'), code=1,
       out=['6: 2 3', 'ended by signal 9'])
r = run(PROGRAM, '--open', stdin=b'6\n')
expect('open(2) is SIGKILL', r, code=1, out='ended by signal 9')
ok(b'6:' not in r.stdout, '... and nothing is answered after it', show(r))
expect('bad usage', run(PROGRAM, '--fork'), code=2, err='usage:')
for error in ('ENOSYS', '0'):
    policy = write('none.strait', f'default allow\nerrno({error}) seccomp\n')
    expect(f'where seccomp(2) is answered with {error}, no number is read',
           run(COMMAND, 'run', '--report=none', '-p', policy, '--', PROGRAM, stdin=b'6\n'), code=1, err='no number is read')
done()
