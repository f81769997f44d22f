# SPDX-License-Identifier: BSD-2-Clause
"""examples/thread-pool.c: every thread is confined, or none works and the one in the way is named."""
import re

from harness import *

PROGRAM, COMMAND = STRAIT, os.path.abspath(sys.argv[3])

r = run(PROGRAM)
if b'no seccomp here' in r.stderr or b'not with these flags' in r.stderr:
    skip('this process can\'t be confined: ' + r.stderr.decode().strip())
    done()
for threads in (1, 4, 64):
    expect(f'{threads} threads work, all confined', run(PROGRAM, str(threads)),
           out=f'{threads} threads, {threads} of them confined: 17984 primes below 200000')
r = run(PROGRAM, '--odd', '5')
expect('a thread with a filter of its own: no work', r, code=1, err='no work is done', out='is the odd one')
odd = re.search(rb'thread (\d+) is the odd one', r.stdout)
told = re.search(rb'thread (\d+) has a filter', r.stderr)
ok(odd and told and odd[1] == told[1], '... and it is the one that is named', show(r))
ok(b'primes' not in r.stdout, '... and nothing was counted', show(r))
expect('one thread alone is in the way of the main thread, too', run(PROGRAM, '--odd', '1'), code=1, err='has a filter')
for words in (['0'], ['65'], ['x'], ['1', '2'], ['--odd', '1', '2']):
    expect('bad usage: ' + ' '.join(words), run(PROGRAM, *words), code=2, err='usage:')
policy = write('no-tsync.strait', 'default allow\nerrno(EINVAL) seccomp if op == 1 && flags & 1 == 1\n')
expect('a kernel without TSYNC: no work, and a sentence', run(COMMAND, 'run', '--report=none', '-p', policy, '--', PROGRAM), code=1,
       err='not with these flags')
done()
