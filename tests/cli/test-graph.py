#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait graph: the arrows say what strait eval says, and an SVG is one."""
import json
import os
import re
import struct
import xml.etree.ElementTree as ElementTree

from harness import ENV, SOURCE, done, expect, need, ok, run, scratch, show, skip, strait, write

DOCKER = os.path.join(SOURCE, 'bench', 'policies', 'docker.strait')
write('calls.strait', 'arch x86_64, aarch64\ndefault kill_process\nallow { read write exit_group openat close }\n'
                      'errno(EACCES) { mount umount2 }\nlog getppid\nallow socket if family == AF_UNIX\n')


def nodes(text):
    return dict(re.findall(r'(?m)^\t(\w+) \[label="((?:[^"\\]|\\.)*)"', text))


def edges(text):
    """(from, to, label or the whole list in its tooltip)"""
    found = re.findall(r'(?m)^\t(\w+) -> (\w+) \[label="((?:[^"\\]|\\.)*)"(?:, labeltooltip="([^"]*)")?', text)
    return [(a, b, tip or label.replace('\\n', ' ')) for a, b, label, tip in found]


# ---- text ----

result = strait('graph', 'calls.strait')
text = result.stdout.decode()
label = nodes(text)
expect('a policy has a graph', result, 0, out=['which architecture?', 'which call?', 'kill_process', 'errno(EACCES)'])
ok(result.stdout == strait('graph', 'calls.strait').stdout, 'the same one each time')
expect('-o writes it', strait('graph', '-o', 'calls.dot', 'calls.strait'))
ok(open(os.path.join(scratch, 'calls.dot'), 'rb').read() == result.stdout, 'the same to a file')
arrows = [(a, b, words) for a, b, words in edges(text) if label[a] == 'which call?']
asked = 0
for abi in ('x86_64', 'aarch64'):
    group = next(b for a, b, words in edges(text) if label[a] == 'which architecture?' and words == abi)
    for name in ('read', 'write', 'exit_group', 'openat', 'close', 'mount', 'umount2', 'getppid', 'execve', 'ptrace'):
        leaf = next((b for a, b, words in arrows if a == group and name in words.split(', ')), None) or \
            next(b for a, b, words in arrows if a == group and words == 'else')
        said = json.loads(strait('eval', '--json', '-p', 'calls.strait', '-a', abi, f'{name}()').stdout)
        answer = {0x7fff0000: 'allow', 0x80000000: 'kill_process', 0x5000d: 'errno(EACCES)', 0x7ffc0000: 'log'}
        asked += label[leaf] == answer[said['calls'][0]['ret']]
ok(asked == 20, 'each call\'s arrow comes to what strait eval answers', asked)
socket = next(b for a, b, words in arrows if words == 'socket')
ok('arg0' in label[socket] and ('== AF_UNIX' in label[socket] or '== 1' in label[socket]), 'a condition is a question of its own',
   label[socket])
each = strait('graph', '--each-test', 'calls.strait')
expect('--each-test has each test', each, 0, out=['(read)?', '[label="yes"]', '[label="no", style=dashed]'])
ok(b'which' not in each.stdout and len(each.stdout) > len(result.stdout), 'and no groups')
expect('a policy\'s lines are tooltips', each, 0, out='tooltip="calls.strait:')
expect('a raw program', strait('compile', '-o', 'calls.bpf', 'calls.strait'))
ok(len(nodes(strait('graph', 'calls.bpf').stdout.decode())) == len(label), 'has the same graph')
expect('standard input', strait('graph', '--from', 'policy', '-', stdin=b'default allow\n'), 0, out='allow')
expect('a large policy', strait('graph', DOCKER), 0, out='which call?')
longest = b''.join(struct.pack('=HBBI', 0x15, 0, 1, i) if i % 2 else struct.pack('=HBBI', 6, 0, 0, 0x50000 + i % 5)
                   for i in range(1, 4094))
write('longest.bpf', struct.pack('=HBBI', 0x20, 0, 0, 0) + longest + struct.pack('=HBBI', 6, 0, 0, 0) * 2)
expect('4096 instructions', strait('verify', 'longest.bpf'))
expect('are drawn', strait('graph', 'longest.bpf'), 0, out='which call?')
expect('each test of them', strait('graph', '--each-test', 'longest.bpf'), 0, out='nr == 4093?')

# ---- what is none ----

write('short.bpf', struct.pack('=HBBI', 0x20, 0, 0, 0))
expect('what the kernel would not accept', strait('graph', 'short.bpf'), 2, err='F004')
expect('no filter', strait('graph'), 2, err='one filter')
expect('two filters', strait('graph', 'calls.bpf', 'calls.bpf'), 2, err='one filter')
expect('a file that isn\'t there', strait('graph', 'nothing.bpf'), 2, err='nothing.bpf')
expect('another format', strait('graph', '-f', 'png', 'calls.bpf'), 2, err='there are dot and svg')

# ---- SVG ----

ENV['PATH'], path = '/nonexistent', ENV['PATH']
expect('without graphviz its text is written instead', strait('graph', '-o', 'none.svg', 'calls.bpf'), 1,
       err=['isn\'t installed', 'none.dot is'])
ok(open(os.path.join(scratch, 'none.dot')).read().startswith('digraph') and
   not os.path.exists(os.path.join(scratch, 'none.svg')), 'to a file of that name')
expect('or nothing to standard output', strait('graph', '-f', 'svg', 'calls.bpf'), 1, err='isn\'t installed')
folder = os.path.dirname(write('bin/dot', '#!/bin/sh\nexit 3\n'))
os.chmod(os.path.join(folder, 'dot'), 0o755)
ENV['PATH'] = folder
expect('a graphviz that fails', strait('graph', '-o', 'fails.svg', 'calls.bpf'), 2, err='failed')
ok(not os.path.exists(os.path.join(scratch, 'fails.svg')), 'leaves no file')
ENV['PATH'] = path
if need('dot'):
    skip('no graphviz here')
else:
    for name, filter in (('calls.svg', 'calls.strait'), ('docker.svg', DOCKER)):
        expect(f'{name} is drawn', strait('graph', '-o', name, filter))
        root = ElementTree.parse(os.path.join(scratch, name)).getroot()
        said = {''.join(t.itertext()) for t in root.iter('{http://www.w3.org/2000/svg}text')}
        ok(root.tag.endswith('}svg') and {'which call?', 'allow'} <= said, 'and has the questions and answers', said)
    drawn = strait('graph', '-f', 'svg', '--each-test', 'calls.strait')
    expect('-f svg to standard output', drawn, 0, out=['<svg', '(read)?'])
    write('x.dot', strait('graph', DOCKER).stdout)
    warned = run('dot', '-Tsvg', '-o', 'x.svg', 'x.dot')
    ok(warned.returncode == 0 and not warned.stderr, 'graphviz has nothing to complain of', show(warned))
done()
