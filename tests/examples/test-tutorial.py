# SPDX-License-Identifier: BSD-2-Clause
"""docs/tutorial.md: its listings are parts of the programs in examples/tutorial, and its commands, run one after the
other, print what it shows.

argv: the command (unused), the source folder, libstrait.so, strait-report.c.
"""
import os
import platform
import re
import shutil
import sys

from harness import ENV, SOURCE, done, need, ok, run, scratch, show, skip

LIBRARY, ONE_FILE = (os.path.abspath(p) for p in sys.argv[3:5])
PROGRAMS = os.path.join(SOURCE, 'examples', 'tutorial')
END = '\x01'


def read(path):
    with open(path) as f:
        return f.read()


def same(text):
    """Without what differs from run to run: addresses, and how a shell tells of a signal."""
    text = re.sub(r'0x[0-9a-f]{5,}', '0xADDRESS', text)
    return re.sub(r'^.*Bad system call.*$', 'Bad system call', text, flags=re.M)


def commands(block):
    """[(command, output)] of what stands in a console."""
    return [(first, rest) for first, _, rest in (part.partition('\n') for part in re.split(r'^\$ ', block, flags=re.M)[1:])]


tutorial = read(os.path.join(SOURCE, 'docs', 'tutorial.md'))
listings = re.findall(r'<!-- (step-\d\.c) -->\n```c\n(.*?)```\n', tutorial, re.S)
ok(len(listings) == tutorial.count('```c\n') and {name for name, _ in listings} == set(os.listdir(PROGRAMS)),
   'each listing names its program, and each program has one', listings)
for i, (name, listing) in enumerate(listings):
    ok(listing in read(os.path.join(PROGRAMS, name)), f'listing {i + 1} stands in {name}', listing)

for name in os.listdir(PROGRAMS):
    shutil.copy(os.path.join(PROGRAMS, name), scratch)
shutil.copy(ONE_FILE, scratch)
ENV.update(CPATH=SOURCE + '/include', LIBRARY_PATH=os.path.dirname(LIBRARY), LD_LIBRARY_PATH=os.path.dirname(LIBRARY))

session = [c for block in re.findall(r'```sh-session\n(.*?)```', tutorial, re.S) for c in commands(block)]
ok(len(session) > 12, 'there are commands', len(session))
if need('cc') or b'__asan' in run('nm', '-D', LIBRARY).stdout:
    skip('no C compiler, or the library is built with sanitizers')
elif platform.machine() != 'x86_64' or platform.libc_ver() != ('glibc', '2.36'):
    skip('the outputs are those of glibc 2.36 on x86-64')
else:
    script = ''.join(f'{command}\ns=$?; printf "\\001\\n"; (exit $s)\n' for command, _ in session)
    result = run('sh', '-c', 'exec 2>&1; ulimit -c 0\n' + script)
    printed = result.stdout.decode().split(END + '\n')
    ok(len(printed) == len(session) + 1, 'every command was run', show(result))
    for (command, wanted), got in zip(session, printed):
        ok(same(got) == same(wanted), f'$ {command}', f'wanted:\n{same(wanted)}\ngot:\n{same(got)}')
done()
