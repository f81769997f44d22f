#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""examples/broker.c: a child that opens nothing itself prints files of one directory, and of no other."""
import os

from harness import expect, ok, scratch, skip, strait, write, done

# The program under test stands in the command's place.
broker = strait
inside = os.path.join(scratch, 'in')
write('in/one', 'one\n')
write('in/deeper/two', 'two\n')
write('secret', 'secret\n')
os.symlink('../secret', os.path.join(inside, 'link'))
os.symlink('one', os.path.join(inside, 'near'))

first = broker(inside, 'one')
if first.returncode == 2 and b'broker: ' in first.stderr and b'given' not in first.stderr:
    skip('no listener is to be had here: ' + first.stderr.decode().strip())
    done()
expect('a file of the directory is printed', first, 0, out='one\n', err='one: given')
expect('and one below it, and several', broker(inside, 'deeper/two', 'one', 'one'), 0, out='two\none\none\n')
for name in ['../secret', os.path.join(scratch, 'secret'), '/etc/passwd', 'link', 'deeper/../../secret', 'near']:
    result = broker(inside, name)
    ok(result.returncode == 1 and b'permission denied' in result.stdout and b'secret\n' not in result.stdout,
       f'{name.replace(scratch, "SCRATCH")} is refused', result)
expect('what is refused is none of the next one\'s affair', broker(inside, '../secret', 'one'), 1, out='one\n')
expect('a file that is not there', broker(inside, 'none'), 1, err='none: refused')
expect('a name that is too long', broker(inside, 'x' * 5000), 1)
expect('a directory can be opened and not read', broker(inside, 'deeper'), 1, err='deeper: given')
expect('no directory, no broker', broker(os.path.join(scratch, 'none'), 'one'), 2, err='No such file')
expect('no file, no broker', broker(inside), 2, err='usage')
done()
