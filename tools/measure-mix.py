#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes src/compile/mix.def: how often programs make which call. Each program works under strace, and all of them count
the same. Needs strace and the programs (those that are missing are left out, and named); servers answer on loopback."""
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / 'src' / 'compile' / 'mix.def'
RAREST = 20  # in millionths
PYTHON = '''
import os, threading
threads = [threading.Thread(target=lambda: sum(range(10000))) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
for folder, _, names in os.walk('/usr/include/linux'):
    for name in names:
        open(os.path.join(folder, name), errors='replace').read()
'''
NODE = 'const fs = require("fs"); for (const f of fs.readdirSync("tree")) fs.readFileSync("tree/" + f)'
LOOP = 'for i in $(seq 200); do x=$(echo $i | cat); done; ls | wc -l'
WORK = {
    'ls': ['ls', '-lR', '/usr/include'],
    'cat': ['sh', '-c', 'exec cat numbers tree/*'],
    'gcc': ['gcc', '-O2', '-o', 'hello', 'hello.c'],
    'python3': ['python3', '-c', PYTHON],
    'git': ['git', '-C', 'repository', '--no-pager', 'log', '--stat', '-p'],
    'sort': ['sort', '--parallel=2', '-S', '1M', 'numbers'],
    'tar': ['tar', 'cf', 'tree.tar', 'tree'],
    'bash': ['bash', '-c', LOOP],
    'dash': ['dash', '-c', LOOP],
    'node': ['node', '-e', NODE],
    'find': ['find', '/usr/include', '-name', '*.h', '-newer', '/etc/passwd'],
    'redis-server': ['redis-server', '--port', '7777', '--save', ''],
    'nginx': ['nginx', '-c', 'nginx.conf', '-p', '.'],
}
# What asks a server, and what ends it.
CLIENTS = {
    'redis-server': ['redis-benchmark -p 7777 -n 20000 -c 20 -t set,get -q', 'redis-cli -p 7777 shutdown nosave'],
    'nginx': ['ab -q -n 5000 -c 10 http://127.0.0.1:7778/', 'kill -QUIT $(cat nginx.pid)'],
}
NGINX = '''daemon off; worker_processes 1; pid nginx.pid; error_log /dev/null;
events { worker_connections 256; }
http { access_log off; server { listen 127.0.0.1:7778; root tree; index types.h; } }
'''


def prepare():
    Path('hello.c').write_text('#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
    Path('numbers').write_text(''.join(f'{i * 7919 % 300007}\n' for i in range(300000)))
    Path('nginx.conf').write_text(NGINX)
    shutil.copytree('/usr/include/linux', 'tree', ignore=lambda folder, names: [n for n in names if not n.endswith('.h')])
    subprocess.run('git init -q repository && cd repository && for i in $(seq 30); do echo $i >>f; git add f; '
                   'git -c user.name=a -c user.email=a@b commit -q -m $i; done', shell=True, check=True)


def measure(name, command):
    strace = ['strace', '-f', '-qq', '-c', '-U', 'name,calls', '-o', f'{name}.counts']
    program = subprocess.Popen(strace + command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if name in CLIENTS:
        time.sleep(1)
        for client in CLIENTS[name]:
            subprocess.run(client, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    program.wait(120)
    rows = re.findall(r'(?m)^(\w+) +(\d+)$', Path(f'{name}.counts').read_text())
    return {call: int(count) for call, count in rows if call != 'total'}


def main():
    os.environ['PATH'] = '/usr/sbin:/usr/bin:/sbin:/bin'
    mix, measured = collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.chmod(folder, 0o755)
        prepare()
        for name, command in WORK.items():
            counts = measure(name, command) if shutil.which(name) else {}
            if not counts:
                print(f'{name}: left out', file=sys.stderr)
                continue
            measured.append(name)
            for call, count in counts.items():
                mix[call] += count / sum(counts.values())
        os.chdir('/')
    rows = sorted(((round(share * 1e6 / len(measured)), call) for call, share in mix.items()), key=lambda r: (-r[0], r[1]))
    kernel = '.'.join(os.uname().release.split('.')[:2])
    OUTPUT.write_text(f'''/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often programs make which call, in millionths: the mean of the shares in {len(measured)} programs at the work that
 * tools/measure-mix.py gives them ({', '.join(measured[:7])},
 * {', '.join(measured[7:])}). Measured with strace on Linux {kernel}, {os.uname().machine}.
 */
''' + ''.join(f'MIX({call}, {count})\n' for count, call in rows if count >= RAREST))


main()
