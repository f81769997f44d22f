#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What README and docs/ show is what happens: each console session is played again and its output compared.

`$ cat FILE` makes FILE of the lines that follow it; every other `$ ` line is run by the shell, with strait in PATH. Process
ids and addresses differ from run to run and aren't compared; a line that is only `...` stands for any lines.
"""
import glob
import os
import re

from harness import ENV, SOURCE, STRAIT, need, ok, run, scratch, skip, strait, write, done

VARIES = [(re.compile(r'\[\d+(/\d+)?\] was'), '[PID] was'), (re.compile(r'0x7[0-9a-f]{11}'), 'ADDRESS'),
          (re.compile(r'0x5[56][0-9a-f]{10}'), 'ADDRESS')]
ENV['PATH'] = f'{os.path.dirname(STRAIT)}:/usr/bin:/bin'


def same(text):
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text.rstrip('\n')


def matches(wanted, got):
    parts = [re.escape(part) for part in re.split(r'(?m)^\.\.\.$', same(wanted))]
    return re.fullmatch('(?s:.*?)'.join(parts), same(got)) is not None


def play(name, session, folder):
    for step in re.split(r'(?m)^\$ ', session)[1:]:
        command, _, output = step.partition('\n')
        if command.startswith('cat ') and ' ' not in command[4:]:
            write(os.path.join(folder, command[4:]), output)
            continue
        result = run('sh', '-c', command, cwd=os.path.join(scratch, folder))
        got = (result.stdout + result.stderr).decode()
        ok(matches(output, got), f'{name}: {command[:70]}', f'shown:\n{output}\nhappened:\n{got}')


if need('tar'):
    skip('no tar here')
else:
    for path in [os.path.join(SOURCE, 'README.md')] + sorted(glob.glob(os.path.join(SOURCE, 'docs', '*.md'))):
        name = os.path.relpath(path, SOURCE)
        folder = os.path.basename(path)
        # What the sessions find there.
        write(os.path.join(folder, 'src/hello.txt'), 'hello\n')
        write(os.path.join(folder, 'evil'), '')
        os.chmod(os.path.join(scratch, folder, 'evil'), 0o4755)
        run('tar', 'cf', 'made-by-others.tar', 'evil', cwd=os.path.join(scratch, folder))
        for session in re.findall(r'(?ms)^```console\n(.*?)^```', open(path).read()):
            play(name, session, folder)

# Each command's page tells of each option that --help tells of, and there is a page for each command and header.
for line in strait('--help').stdout.decode().splitlines():
    found = re.match(r'  ([a-z]+) +\S', line)
    if not found:
        continue
    command = found.group(1)
    page = os.path.join(SOURCE, 'man', f'strait-{command}.1.scd')
    text = open(page).read() if os.path.exists(page) else ''
    options = re.findall(r'(?m)^ .*(--[a-z-]+)', strait(command, '--help').stdout.decode())
    lacks = [o for o in options if f'*{o}*' not in text]
    ok(text and not lacks, f'strait-{command}(1) tells of each option', lacks)
pages = open(os.path.join(SOURCE, 'man', 'meson.build')).read()
for header in sorted(glob.glob(os.path.join(SOURCE, 'include', 'strait', '*.h'))):
    name = os.path.basename(header)[:-2]
    if name != 'strait':
        ok(f"'strait-{name}.3'" in pages, f'<strait/{name}.h> has a page')
done()
