#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait supervise: real programs whose calls are answered as their policy says."""
import json
import os
import signal
import subprocess
import time

from harness import ENV, STRAIT, expect, need, ok, run, scratch, show, skip, strait, write, done

os.environ['PATH'] = ENV['PATH'] = '/usr/bin:/bin'
# What glibc's programs open before they do anything, and where they find it.
LIBRARIES = '"/usr", "/lib", "/lib64", "/etc/ld.so.cache"'


# Past open_beneath.
OTHERS = 'errno(ENOSYS) { openat2 open_by_handle_at io_uring_setup }\n'


def policy(name, text):
    return write(name, 'default allow\n' + text + (OTHERS if 'open_beneath' in text else ''))


def supervised(path, *args, **kw):
    return strait('supervise', '-p', path, '--', *args, **kw)


hello = write('in/hello', 'hello\n')
write('in/deeper/file', 'deep\n')
secret = write('out/secret', 'secret\n')
os.symlink('../out/secret', os.path.join(scratch, 'in/up'))
os.symlink(hello, os.path.join(scratch, 'in/absolute'))
os.symlink('/', os.path.join(scratch, 'in/root'))
opens = policy('opens.strait', f'notify {{ open openat creat }} => open_beneath({LIBRARIES}, "{scratch}/in")\n')

probe = supervised(policy('nothing.strait', 'notify mount => errno(EPERM)\n'), 'true')
if probe.returncode != 0:
    skip('no program can be supervised here: ' + probe.stderr.decode(errors='replace').strip())
    done()

# ---- files ----
expect('cat reads a file beneath', supervised(opens, 'cat', hello), 0, out='hello')
expect('and by a relative name', supervised(opens, 'cat', 'in/hello'), 0, out='hello')
expect('and by an absolute link', supervised(opens, 'cat', 'in/absolute'), 0, out='hello')
expect('and from a directory beneath', supervised(opens, 'cat', '../hello', cwd=os.path.join(scratch, 'in/deeper')), 0,
       out='hello')
FORBIDDEN = ['out/secret', secret, 'in/../out/secret', 'in/up', 'in/root' + secret, '/proc/self/root' + secret,
             'in/none/../../out/secret', '/etc/passwd', '.']
for name in FORBIDDEN:
    result = supervised(opens, 'cat', name)
    ok(result.returncode == 1 and b'secret' not in result.stdout and b'Permission denied' in result.stderr,
       f'cat {name.replace(scratch, "SCRATCH")} is refused', show(result))
expect('a refusal names the file and the rule', supervised(opens, 'cat', secret), 1,
       err=[f'was refused: openat(AT_FDCWD, 0x', f'for "{secret}": Permission denied', 'opens.strait:2:1: notify'])
quiet = strait('supervise', '-p', opens, '--quiet', '--', 'cat', secret)
expect('--quiet tells nothing', quiet, 1, not_err='was refused')
expect('the same refusal is told once', supervised(opens, 'cat', secret, secret), 1, err='1 more like openat')
expect('a file is written beneath', supervised(opens, 'sh', '-c', 'umask 027; echo new >in/new; cat in/new'), 0, out='new')
ok(os.stat(os.path.join(scratch, 'in/new')).st_mode & 0o777 == 0o640, "with the program's umask")
expect('and not elsewhere', supervised(opens, 'sh', '-c', 'echo new >out/new'), 2, err='out/new')
ok(not os.path.exists(os.path.join(scratch, 'out/new')), 'nothing was made there')
expect('ls lists a directory beneath', supervised(opens, 'ls', 'in/deeper'), 0, out='file')
expect('and no other', supervised(opens, 'ls', 'out'), 2, err='out')
expect('children are under the same policy', supervised(opens, 'sh', '-c', 'cat in/hello | cat; cat out/secret; true'), 0,
       out='hello', err='Permission denied')
if not need('python3'):
    expect('python3 runs and reads', supervised(opens, 'python3', '-I', '-c', 'print(open("in/hello").read() * 2)'), 0,
           out='hello\nhello\n')
    expect('and is refused', supervised(opens, 'python3', '-I', '-c', 'open("out/secret")'), 1, err='PermissionError')
    threads = '''
import threading
def work():
    for i in range(100):
        assert open("in/hello").read() == "hello\\n"
        try:
            open("out/secret")
            raise SystemExit("opened")
        except PermissionError:
            pass
threads = [threading.Thread(target=work) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print("all done")
'''
    expect('eight threads do, a hundred times', supervised(opens, 'python3', '-I', '-c', threads), 0, out='all done',
           not_err='opened')
else:
    skip('no python3 in /usr/bin')
    skip('no python3 in /usr/bin')
    skip('no python3 in /usr/bin')
missing = policy('missing.strait', f'notify openat => open_beneath({LIBRARIES}, "/no/such/place")\n')
expect('a place that is not there gives nothing', supervised(missing, 'cat', hello), 1, err='Permission denied')

# ---- values and errors ----
root = policy('root.strait', 'notify { getuid geteuid getgid getegid } => return 0\n')
expect('id finds itself root', supervised(root, 'id', '-u'), 0, out='0\n')
expect('a condition chooses', supervised(policy('if.strait', 'notify kill if sig == 0 => return 0\nnotify kill => errno(EXDEV)\n'),
                                        'sh', '-c', 'kill -0 99999999 && echo there; kill -9 1'), 1, out='there', err='cross-device')
denied = policy('denied.strait', 'notify { mkdir mkdirat } => errno(EROFS)\n')
expect('an errno is what the program sees', supervised(denied, 'mkdir', 'new'), 1, err='Read-only file system')
ok(not os.path.exists(os.path.join(scratch, 'new')), 'and nothing is done')
logs = policy('logs.strait', 'notify { mkdir mkdirat } => log_and_continue\nnotify execve => log_and_continue\n')
expect('a call that goes on is told', supervised(logs, 'mkdir', 'made'), 0,
       err=['mkdir[', 'goes on: mkdir(0x', 'logs.strait:2:1: notify { mkdir mkdirat } => log_and_continue', 'goes on: execve'])
ok(os.path.isdir(os.path.join(scratch, 'made')), 'and executed')
record = os.path.join(scratch, 'told.json')
strait('supervise', '-p', logs, '--json', '--report-file', record, '--', 'mkdir', 'made2')
told = [json.loads(line) for line in open(record)]
ok([t['syscall'] for t in told] == ['execve', 'mkdir'] and all(t['answer'] == 'continued' for t in told) and
   told[1]['comm'] == 'mkdir', 'it is told as JSON', told)
strait('supervise', '-p', opens, '--json', '--report-file', record, '--', 'cat', secret)
told = [json.loads(line) for line in open(record)]
ok([t['path'] for t in told if t['answer'] == 'refused' and t['answer_errno'] == 13][-1] == secret, 'so are refusals', told)
kills = policy('kills.strait', 'notify getuid => return 3\nkill { mkdir mkdirat }\n')
expect('what a filter kills is told as by run', supervised(kills, 'mkdir', 'x'), 159, err=['was stopped: mkdir', 'kills.strait:3:1'])

# ---- nodes ----
nodes = policy('nodes.strait', 'notify { mknod mknodat } => make_node("/dev/null", "/dev/zero")\n')
if run('mknod', 'probe', 'c', '1', '3').returncode == 0:
    expect('a named node is made', supervised(nodes, 'mknod', '-m', '600', 'null', 'c', '1', '3'), 0)
    ok(os.stat(os.path.join(scratch, 'null')).st_rdev == os.makedev(1, 3), 'and is that node')
    expect('another one is refused', supervised(nodes, 'mknod', 'mem', 'c', '1', '1'), 1, err='Operation not permitted')
    expect('so is a fifo', supervised(nodes, 'mkfifo', 'fifo'), 1, err='Operation not permitted')
else:
    for _ in range(4):
        skip('no device nodes can be made here')

# ---- as `strait run` ----
some = policy('some.strait', 'notify getppid => return 1\n')
expect("the program's exit code is the command's", supervised(some, 'sh', '-c', 'exit 7'), 7)
expect("so is the signal that ended it", supervised(some, 'sh', '-c', 'kill -TERM $$'), 128 + 15)
expect('no such program', supervised(some, 'no-such-program'), 127, err='R001')
expect('no program at all', strait('supervise', '-p', some), 2, err='which program')
expect('no policy', strait('supervise', 'true'), 2, err='which policy')
expect('two policies', strait('supervise', '-p', some, '-p', some, 'true'), 2, err='once')
expect('--workers wants a number', strait('supervise', '-p', some, '--workers', '0', 'true'), 2, err='--workers')
expect('one worker is enough', strait('supervise', '-p', opens, '--workers', '1', 'cat', hello), 0, out='hello')
expect('a policy without an answer is an error', supervised(policy('none.strait', 'notify getuid\n'), 'true'), 126, err='N006')
expect('a default without one too', supervised(write('def.strait', 'default notify\n'), 'true'), 126, err='N006')
expect('a policy with a mistake runs nothing', supervised(policy('bad.strait', 'notify getuid => retrun 0\n'), 'echo', 'ran'), 126,
       err='N001')
expect('no device of that name', supervised(policy('dev.strait', f'notify mknod => make_node("{hello}")\n'), 'true'), 126, err='N008')
expect('run names supervise where there are answers', strait('run', '-p', some, 'echo', 'ran'), 126,
       err=['N005', 'strait supervise'])
included = write('main.strait', 'default allow\ninclude "part.strait"\n')
write('part.strait', 'notify getuid => return 42\n')
expect('answers may stand in an included file', supervised(included, 'id', '-ru'), 0, out='42')
expect('the whole world may be logged', supervised(write('world.strait', 'default notify => log_and_continue\n'), 'true'), 0,
       err='goes on: execve')
expect('check knows answers', strait('check', '--strict', opens), 0)
expect('and warns of other ways to open', strait('check', write('past.strait', 'default allow\nnotify open => open_beneath("/")\n')),
       0, err=['L020', 'openat2', 'L022', 'io_uring'], not_err='L043')
expect('compile makes the same filter with and without them',
       strait('compile', '-f', 'asm', policy('with.strait', 'notify getuid => return 0\n')), 0, out='notify')


def spawn(path, *args):
    return subprocess.Popen([STRAIT, 'supervise', '-p', path, '--', *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, cwd=scratch, env=ENV)


# A signal to strait reaches the program; a killed strait takes it along.
p = spawn(some, 'sh', '-c', 'trap "echo caught; exit 5" USR1; echo ready; while :; do sleep 0.05; done')
p.stdout.readline()
p.send_signal(signal.SIGUSR1)
out, _ = p.communicate(timeout=60)
ok(p.returncode == 5 and b'caught' in out, 'a signal that is sent to strait reaches the program', out)
p = spawn(some, 'sh', '-c', 'echo $$; exec sleep 1000')
child = int(p.stdout.readline())
p.kill()
p.wait()
for _ in range(500):
    try:
        state = open(f'/proc/{child}/stat').read().rsplit(')', 1)[1].split()[0]
    except OSError:
        state = 'gone'
    if state in ('gone', 'Z', 'X'):
        break
    time.sleep(0.02)
ok(state in ('gone', 'Z', 'X'), 'a killed strait takes its program along', state)
p.communicate()
# A child that outlives the program is not supervised any more: its calls fail, they aren't executed.
outlived = policy('outlived.strait', 'notify { mkdir mkdirat } => log_and_continue\n')
p = subprocess.Popen([STRAIT, 'supervise', '-p', outlived, '--quiet', '--', 'sh', '-c',
                      'exec 3<&0; (cat <&3; mkdir late; echo $? >code.part; mv code.part code) & exit 0'],
                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=scratch, env=ENV)
ok(p.wait(timeout=60) == 0, 'a program ends before its child')
p.stdin.close()
for _ in range(3000):
    if os.path.exists(os.path.join(scratch, 'code')):
        break
    time.sleep(0.02)
ok(os.path.exists(os.path.join(scratch, 'code')) and not os.path.exists(os.path.join(scratch, 'late')),
   'what outlives the program is not supervised: its calls fail')
done()
