#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait dump: what a process has is what was installed, byte for byte; what a program installs is told, with its fate."""
import json
import os
import platform
import signal
import subprocess
import sys
import time

from harness import ENV, STRAIT, done, expect, need, ok, run, scratch, show, skip, strait, write

PYTHON = '/usr/bin/python3'
# The leak checker works neither in a tracee nor under a filter that changes what getppid(2) says.
ENV['ASAN_OPTIONS'] = 'detect_leaks=0'
X86_64 = platform.machine() == 'x86_64'
SHOWN = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL, 'stdin': subprocess.DEVNULL}


def read(path):
    with open(os.path.join(scratch, path), 'rb') as f:
        return f.read()


def told(result):
    return [json.loads(line) for line in result.stderr.decode().splitlines() if line.startswith('{')]


def raw(event):
    return b''.join(i['code'].to_bytes(2, sys.byteorder) + bytes([i['jt'], i['jf']]) + i['k'].to_bytes(4, sys.byteorder)
                    for i in event['instructions'])


# ---- usage ----

for args, word in (([], 'a process with -p, or a program'), (['-p', '1', 'true'], 'a process with -p, or a program'),
                   (['-p', '0'], 'not \'0\''), (['-p', '1x'], 'not \'1x\''), (['-p', '99999999999'], 'not \'99999999999\''),
                   (['-f', 'elf', '-p', '1'], 'no format'), (['-f', 'raw', '-p', '1'], 'needs -o'),
                   (['-f', 'raw', '-o', '.', '--json', '-p', '1'], '--json')):
    expect(f'dump {" ".join(args)}', strait('dump', *args), 2, err=word)
expect('a process that isn\'t there', strait('dump', '-p', str(2**31 - 1)), 2, err=['error[R007]', 'no such process', 'ESRCH'])
expect('a program that isn\'t there', strait('dump', 'no-such-program'), 127, err='no program')
expect('a file that can\'t be executed', strait('dump', '--', '/'), 126, err='not started')
expect('a file that can\'t be written', strait('dump', '-o', '/no/such/folder', 'true'), 126, err='can\'t write')

# ---- programs that exit, end by a signal, or install nothing ----

expect('an exit code passes', strait('dump', 'sh', '-c', 'exit 42'), 42)
expect('a signal passes', strait('dump', 'sh', '-c', 'kill -TERM $$'), 143)
expect('who installs nothing is told nothing of', strait('dump', 'true'), 0, not_err='filter')
expect('output and input pass', strait('dump', 'cat', stdin=b'through'), 0, out='through')
mine = run('grep', '-E', '^(NoNewPrivs|Seccomp):', '/proc/self/status')
ok(strait('dump', 'grep', '-E', '^(NoNewPrivs|Seccomp):', '/proc/self/status').stdout == mine.stdout,
   'a program that is watched has neither no_new_privs nor a filter of ours', show(mine))

# ---- what is installed ----

write('one.strait', 'default allow\nerrno(EXDEV) getppid\n')
write('two.strait', 'default allow\nerrno(EPERM) { mount umount2 }\nlog socket if family == AF_INET\n')
for name in ('one', 'two'):
    expect(f'{name}.strait compiles', strait('compile', '-o', f'{name}.bpf', f'{name}.strait'))
STACK = ['-p', 'one.bpf', '-p', 'two.bpf']
result = strait('dump', '-f', 'raw', '-o', 'seen', '--', STRAIT, 'run', '--report=none', *STACK, 'true')
expect('strait run installs two filters', result, 0, err=['filter 0 after', 'filter 1 after', 'written to seen.1.bpf'])
ok(read('seen.0.bpf') == read('one.bpf') and read('seen.1.bpf') == read('two.bpf'),
   'and they are what was compiled, byte for byte')
os.mkdir(os.path.join(scratch, 'folder'))
expect('-o FOLDER', strait('dump', '-f', 'raw', '-o', 'folder', '--', STRAIT, 'run', '--report=none', *STACK, 'true'))
ok(read('folder/1.bpf') == read('two.bpf'), 'has a file a filter')
result = strait('dump', '--json', '--', STRAIT, 'run', '--report=none', *STACK, 'sh', '-c', 'exit 7')
events = told(result)
ok(result.returncode == 7 and [e['n'] for e in events] == [0, 1] and
   [raw(e) for e in events] == [read('one.bpf'), read('two.bpf')] and
   all(e['outcome'] == 'installed' and e['pid'] == e['tid'] and e['comm'] == 'strait' and e['mode'] == 'filter' and
       e['ns'] > 0 for e in events) and events[0]['ns'] < events[1]['ns'],
   '--json has the instructions, the time and who it was', show(result))
result = strait('dump', '-o', 'listing', '--', STRAIT, 'run', '--report=none', '-p', 'two.bpf', 'true')
expect('-o FILE takes what is told', result, 0, not_err='filter')
expect('and a listing of one filter is assembler text', strait('asm', '-o', 'again.bpf', 'listing'))
ok(read('again.bpf') == read('two.bpf'), 'that gives the same bytes')
result = strait('dump', '-f', 'policy', '-o', 'back.strait', '--', STRAIT, 'run', '--report=none', '-p', 'two.bpf', 'true')
expect('-f policy decompiles', result)
expect('to a policy that means the same', strait('diff', 'back.strait', 'two.strait'), 0)
write('product.asm', 'ld [16]\ntax\nld [24]\nmul x\nret a\n')
expect('a filter without a policy', strait('asm', '-o', 'product.bpf', 'product.asm'))
expect('is told so', strait('dump', '-f', 'policy', '--', STRAIT, 'run', '--report=none', '-p', 'product.bpf', 'true'), 159,
       err='# no policy says this')

# ---- every way, and every fate ----

MANY = '''import ctypes, os, struct, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
SECCOMP, GETPPID = 317, 110
kept = []
def fprog(*insns):
    code = ctypes.create_string_buffer(b''.join(struct.pack('=HBBI', *i) for i in insns))
    head = ctypes.create_string_buffer(struct.pack('@HP', len(insns), ctypes.addressof(code)))
    kept.extend([code, head])
    return head
RET = lambda k: (6, 0, 0, k)
ALLOW = fprog(RET(0x7fff0000))
def answers(nr, ret):
    return fprog((0x20, 0, 0, 0), (0x15, 0, 1, nr), RET(ret), RET(0x7fff0000))
def seccomp(op, flags, arg):
    return libc.syscall(SECCOMP, op, flags, arg)
'''
WAYS = [
    # sentence, code, {field: value} of each event, exit code
    ('prctl(2)', 'libc.prctl(22, 2, ALLOW)', [{'syscall': 'prctl', 'outcome': 'installed', 'flags': ''}]),
    ('seccomp(2)', 'seccomp(1, 0, ALLOW)', [{'syscall': 'seccomp', 'outcome': 'installed', 'abi': 'x86_64'}]),
    ('flags', 'seccomp(1, 3, ALLOW)', [{'flags': 'TSYNC|LOG', 'outcome': 'installed'}]),
    ('a listener', 'print(seccomp(1, 8, ALLOW))', [{'flags': 'NEW_LISTENER', 'outcome': 'installed', 'listener': 3}]),
    ('an address that isn\'t there', 'seccomp(1, 0, ctypes.c_void_p(8))', [{'outcome': 'failed', 'errno': 14, 'unread': 14}]),
    ('instructions that aren\'t there', 'seccomp(1, 0, struct.pack("@HP", 1, 8))',
     [{'outcome': 'failed', 'errno': 14, 'unread': 14}]),
    ('no instruction', 'seccomp(1, 0, fprog())', [{'outcome': 'failed', 'errno': 22, 'unread': 22}]),
    ('too many', 'seccomp(1, 0, fprog(*[RET(0)] * 4097))', [{'outcome': 'failed', 'errno': 22, 'unread': 7}]),
    ('as many as there can be', 'seccomp(1, 0, fprog(*[RET(0x7fff0000)] * 4096))', [{'outcome': 'installed'}]),
    ('a program that the kernel refuses', 'seccomp(1, 0, fprog((0x20, 0, 0, 64), RET(0)))', [{'outcome': 'failed', 'errno': 22}]),
    ('flags that don\'t go together', 'seccomp(1, 9, ALLOW)', [{'outcome': 'failed', 'errno': 22}]),
    ('a probe is none', 'seccomp(1, 0, None); libc.prctl(22, 2, 0); seccomp(0, 1, None); seccomp(0, 0, ALLOW)', []),
    ('other operations are none', 'seccomp(2, 0, ctypes.byref(ctypes.c_int(0))); libc.prctl(21); libc.prctl(22, 7, 0)', []),
    ('a thread', 't = threading.Thread(target=seccomp, args=(1, 0, ALLOW)); t.start(); t.join()', [{'outcome': 'installed'}]),
    ('TSYNC that fails names the thread',
     'import time\nt = threading.Thread(target=lambda: (seccomp(1, 0, ALLOW), gate.set(), time.sleep(60)), daemon=True)\n'
     'gate = threading.Event(); t.start(); gate.wait()\nassert seccomp(1, 1, ALLOW) == t.native_id\nos._exit(0)',
     [{'outcome': 'installed'}, {'outcome': 'unsynced'}]),
    ('a child', 'p = os.fork()\nif not p:\n    seccomp(1, 0, ALLOW); os._exit(0)\nos.waitpid(p, 0)', [{'outcome': 'installed'}]),
    ('a child that outlives the program',
     'if not os.fork():\n    import time\n    time.sleep(.3); seccomp(1, 0, ALLOW)\nos._exit(0)', [{'outcome': 'installed'}]),
    ('an executed program', 'os.execv(sys.executable, [sys.executable, "-I", sys.argv[0], "again"])'
     ' if len(sys.argv) == 1 else seccomp(1, 0, ALLOW)', [{'outcome': 'installed'}]),
    ('strict mode', 'p = os.fork()\nif not p:\n    libc.prctl(22, 1)\n    os.getppid()\nos.waitpid(p, 0)',
     [{'mode': 'strict', 'outcome': 'installed', 'syscall': 'prctl'}]),
    ('strict mode by seccomp(2)', 'p = os.fork()\nif not p:\n    seccomp(0, 0, None)\nos.waitpid(p, 0)',
     [{'mode': 'strict', 'outcome': 'installed', 'syscall': 'seccomp'}]),
    ('an older filter refuses', 'seccomp(1, 0, answers(SECCOMP, 0x5000d)); seccomp(1, 0, ALLOW)',
     [{'outcome': 'installed'}, {'outcome': 'failed', 'errno': 13}]),
    ('an older filter says that it was installed', 'seccomp(1, 0, answers(SECCOMP, 0x50000)); assert seccomp(1, 0, ALLOW) == 0',
     [{'outcome': 'installed'}, {'outcome': 'faked'}]),
    ('an older filter traps', 'import signal\nsignal.signal(31, lambda *a: None)\n'
     'seccomp(1, 0, answers(SECCOMP, 0x30000)); seccomp(1, 1, ALLOW)', [{'outcome': 'installed'}, {'outcome': 'faked'}]),
    ('an older filter kills', 'p = os.fork()\nif not p:\n    seccomp(1, 0, answers(SECCOMP, 0x80000000)); seccomp(1, 0, ALLOW)\n'
     'os.waitpid(p, 0)', [{'outcome': 'installed'}, {'outcome': 'no_return'}]),
]
if need('python3') or not X86_64:
    skip('no python3 in /usr/bin, or the numbers of these rows are not this machine\'s')
else:
    for i, (name, code, wanted) in enumerate(WAYS):
        path = write(f'way{i}.py', MANY + 'libc.prctl(38, 1, 0, 0, 0)\n' + code + '\n')
        result = strait('dump', '--json', '--', PYTHON, '-I', path)
        events = told(result)
        ok(result.returncode == 0 and len(events) == len(wanted) and
           all(e.get(k) == v for e, w in zip(events, wanted) for k, v in w.items()), f'{name}: told', show(result))
        expect(f'{name}: in words', strait('dump', '--', PYTHON, '-I', path), 0, not_err='error')
    expect('in words a line says who, how and what came of it',
           strait('dump', '--', PYTHON, '-I', os.path.join(scratch, 'way1.py')),
           err=['in python3[', 'by seccomp on x86_64: installed, 1 instruction', 'allow'])
    path = write('plain.py', MANY + 'r = seccomp(1, 0, ALLOW)\nsys.exit(ctypes.get_errno() if r else 0)\n')
    ordinary = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] if os.getuid() == 0 else []
    os.chmod(scratch, 0o755)
    if (ordinary and need('setpriv')) or run(*ordinary, STRAIT, '--version').returncode:
        skip('no way to be an ordinary user here')
    else:
        result = run(*ordinary, STRAIT, 'dump', '--json', '--', PYTHON, '-I', path)
        ok(result.returncode == 13 and [(e['outcome'], e.get('errno')) for e in told(result)] == [('failed', 13)],
           'an ordinary user\'s program without no_new_privs is refused, as without strait', show(result))
    # The 32-bit entry, whose struct sock_fprog has another layout.
    source = write('i386.c', '''#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
int main(void)
{
	uint32_t *low = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r = 354;
	if (low == MAP_FAILED || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 1;
	low[0] = 1;
	low[1] = (uint32_t)(uintptr_t)(low + 2);
	low[2] = 6;
	low[3] = 0x7fff0000;
	__asm__ volatile("int $0x80" : "+a"(r) : "b"(1), "c"(0), "d"((long)low) : "memory", "r8", "r9", "r10", "r11");
	return r != 0;
}
''')
    program = os.path.join(scratch, 'i386')
    if need('gcc') or run('gcc', '-o', program, source).returncode or run(program).returncode:
        skip('no gcc, or no 32-bit entry')
    else:
        events = told(strait('dump', '--json', program))
        ok(len(events) == 1 and events[0]['abi'] == 'i386' and events[0]['outcome'] == 'installed' and
           [i['text'] for i in events[0]['instructions']] == ['ret #0x7fff0000'], 'the 32-bit entry is seen', events)

# ---- signals ----

if need('sleep'):
    skip('no sleep here')
else:
    p = subprocess.Popen([STRAIT, 'dump', 'sh', '-c', 'trap "exit 5" TERM; echo ready; while :; do sleep .05; done'],
                         stdout=subprocess.PIPE, env=ENV)
    p.stdout.readline()
    p.send_signal(signal.SIGTERM)
    ok(p.wait(60) == 5, 'a signal that is sent to strait reaches the program')
    p.stdout.close()
    p = subprocess.Popen([STRAIT, 'dump', 'sh', '-c', 'sleep 60 & echo $! $$'], stdout=subprocess.PIPE, env=ENV)
    left, program = p.stdout.readline().split()
    while os.path.exists(f'/proc/{int(program)}'):
        time.sleep(.01)
    p.send_signal(signal.SIGTERM)
    ok(p.wait(60) == 0, 'who outlives the program is left when strait is asked to end')
    ok(os.path.exists(f'/proc/{int(left)}'), 'and runs on')
    os.kill(int(left), signal.SIGKILL)
    p.stdout.close()

# ---- what a process has ----


def confined(*filters):
    """A process under FILTERS that sleeps."""
    args = [a for f in filters for a in ('-p', f)]
    p = subprocess.Popen([STRAIT, 'run', '--report=none', *args, 'sh', '-c', 'echo ready; exec sleep 60'],
                         stdout=subprocess.PIPE, cwd=scratch, env=ENV, stdin=subprocess.DEVNULL)
    p.stdout.readline()
    return p


def ended(p):
    p.kill()
    p.wait()
    p.stdout.close()


bare = subprocess.Popen(['sleep', '60'], **SHOWN)
result = strait('dump', '-p', str(bare.pid))
if result.returncode == 2:
    expect('who can\'t read filters is told why', result, 2, err='the filters of process')
    skip('this process can\'t read others\' filters: ' + result.stderr.decode().strip())
else:
    expect('a process without a filter', result, 1, err='has no filter')
    result = strait('dump', '--json', '-p', str(bare.pid))
    ok(result.returncode == 1 and json.loads(result.stdout) == {'version': 1, 'tid': bare.pid, 'mode': 'none', 'filters': []},
       'in JSON, too', show(result))
    ok(bare.poll() is None and b'State:\tS' in open(f'/proc/{bare.pid}/status', 'rb').read(), 'which sleeps on')
    p = confined('one.bpf', 'two.bpf')
    result = strait('dump', '-f', 'raw', '-o', 'has', '-p', str(p.pid))
    expect('strait run\'s filters', result, 0)
    ok(read('has.0.bpf') == read('one.bpf') and read('has.1.bpf') == read('two.bpf'),
       'are what was compiled, byte for byte, the oldest first')
    found = json.loads(strait('dump', '--json', '-p', str(p.pid)).stdout)
    ok(found['mode'] == 'filter' and [raw(f) for f in found['filters']] == [read('one.bpf'), read('two.bpf')] and
       [f['log'] for f in found['filters']] == [False, False], '--json has them, too', found)
    expect('as text', strait('dump', '-p', str(p.pid)), 0, out=['; filter 0 of 2, the oldest: ', '; filter 1 of 2: ', 'getppid'])
    expect('-f policy', strait('dump', '-f', 'policy', '-o', 'p.strait', '-p', str(p.pid)))
    text = read('p.strait').decode()
    ok(text.count('# filter') == 2 and 'errno(EXDEV) getppid' in text and 'mount umount2' in text, 'decompiles them', text)
    expect('who has a filter can\'t read others\'',
           strait('run', '--report=none', '-p', 'one.strait', STRAIT, 'dump', '-p', str(p.pid)), 2, err=['has one', 'EACCES'])
    if need('setpriv'):
        skip('no setpriv here')
    else:
        expect('without CAP_SYS_ADMIN it says so',
               run('setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin', STRAIT, 'dump', '-p', str(p.pid)), 2,
               err=['CAP_SYS_ADMIN', 'EACCES'])
    ended(p)
    p = confined('one.strait')
    expect('a policy that strait run compiles', strait('dump', '-f', 'raw', '-o', 'run', '-p', str(p.pid)))
    expect('means what strait compile makes of it', strait('diff', 'run.0.bpf', 'one.bpf'), 0)
    ended(p)
    traced = subprocess.Popen([STRAIT, 'run', '-p', 'one.bpf', 'sh', '-c', 'echo $$; exec sleep 60'], stdout=subprocess.PIPE,
                              cwd=scratch, env=ENV)
    pid = traced.stdout.readline().decode().strip()
    expect('a process that is traced names its tracer', strait('dump', '-p', pid), 2,
           err=[f'traced already, and only one may trace it: by process {traced.pid}', 'EPERM'])
    ended(traced)
    if not need('python3') and X86_64:
        path = write('strict.py', MANY + 'seccomp(1, 2, ALLOW)\nprint("ready", flush=True)\nsys.stdin.read()\n')
        p = subprocess.Popen([PYTHON, '-I', path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        p.stdout.readline()
        expect('flag LOG is told', strait('dump', '-p', str(p.pid)), 0, out='flag LOG')
        p.communicate()
        path = write('strict.py', MANY + 'os.write(1, b"ready\\n")\nlibc.prctl(22, 1)\nlibc.read(0, kept[0], 1)\n')
        p = subprocess.Popen([PYTHON, '-I', path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        p.stdout.readline()
        for _ in range(200):
            if b'Seccomp:\t1' in open(f'/proc/{p.pid}/status', 'rb').read():
                break
            time.sleep(.01)
        expect('strict mode has no filter', strait('dump', '-p', str(p.pid)), 1, err='is in strict mode')
        p.kill()
        p.communicate()
bare.kill()
bare.wait()
done()
