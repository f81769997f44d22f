#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait doctor: what it says of this kernel is so, of a filter around it too, and of an ordinary user's process."""
import json
import os
import platform

from harness import ENV, STRAIT, expect, need, ok, run, show, skip, strait, write, done

# The leak checker works neither in a tracee nor without prctl(2).
ENV['ASAN_OPTIONS'] = 'detect_leaks=0'


def doctor(*wrap):
    """The table as {(group, name): row}, and the exit code."""
    result = run(*wrap, STRAIT, 'doctor', '--json')
    try:
        table = json.loads(result.stdout)
    except ValueError as error:
        ok(False, f'{" ".join(wrap)} doctor --json is JSON', f'{error}\n{show(result)}')
        return {}, result
    rows = {(r['group'], r['name']): r for r in table['features']}
    ok(table['version'] == 1 and len(rows) == len(table['features']), 'rows have names of their own')
    ok(all(r['state'] in ('yes', 'no', 'unknown') and r['how'] for r in rows.values()),
       'each row says how it is known')
    return rows, result


def state(rows, group, name):
    return rows.get((group, name), {}).get('state')


def under(policy, *inner):
    path = write('around.strait', policy)
    return doctor(STRAIT, 'run', '--report=none', '-p', path, '--', *inner)


def status(name):
    for line in open('/proc/self/status'):
        if line.startswith(name + ':'):
            return line.split(':', 1)[1].strip()
    return None


# ---- as it is ----
rows, result = doctor()
works = state(rows, 'strait', 'run') == 'yes'
ok(result.returncode == (0 if works else 1), 'the exit code says whether strait run works', show(result))
runs = strait('run', 'true')
ok((runs.returncode == 0) == works, '... and that is so', show(runs))
filtered = status('Seccomp') != '0'
ok(state(rows, 'process', 'filtered') == ('yes' if filtered else 'no'), 'Seccomp of /proc is told')
if status('Seccomp_filters') is not None:
    ok(rows['process', 'filters'].get('value') == status('Seccomp_filters'), 'Seccomp_filters of /proc is told')
ok(state(rows, 'process', 'no_new_privs') == ('yes' if status('NoNewPrivs') == '1' else 'no'), 'NoNewPrivs is told')
ok(rows['kernel', 'release']['value'] == platform.release(), 'the release is told')
avail = '/proc/sys/kernel/seccomp/actions_avail'
if os.path.exists(avail) and not filtered:
    words = {'user_notif': 'notify'}
    said = {name for (group, name), r in rows.items() if group == 'action' and r['state'] == 'yes'}
    there = {words.get(w, w) for w in open(avail).read().split()}
    ok(said - {'actions_avail', 'actions_logged'} == there, 'the actions are those of /proc', f'{said} {there}')
else:
    skip('no actions_avail here, or a filter around us')
if not filtered:
    odd = [r for (group, name), r in rows.items() if group == 'call' and r['state'] == 'no'
           and 'the kernel lacks it' not in r['follows'] and 'forbids it' not in r['follows']]
    wrong = [r for (group, name), r in rows.items() if group == 'call' and r['state'] == 'unknown']
    ok(not odd and not wrong, 'without a filter each call is the kernel\'s to answer', f'{odd} {wrong}')
    if os.geteuid() == 0:
        bad = [r for (group, name), r in rows.items() if group == 'call' and r.get('value') not in (None, 'ENOSYS')]
        ok(not bad, 'each call is refused to root before privilege counts', bad)
    else:
        skip('not root')
else:
    skip('a filter around us')
    skip('a filter around us')
expect('the table for people', strait('doctor'), 0 if works else 1,
       out=['Actions', 'kill_process', 'What a filter costs', 'run'])
expect('an argument is refused', strait('doctor', 'now'), 2, err='it takes no argument')
expect('help', strait('doctor', '--help'), out='Exits with 0')

if not works or filtered:
    skip('strait run doesn\'t work here, or a filter is around us')
    done()

# ---- under filters ----
rows, result = under('default allow\nerrno(EPERM) { mount unshare personality }\nerrno(ENOSYS) { openat2 }\n')
for name in ('mount', 'unshare', 'personality'):
    row = rows.get(('call', name), {})
    ok(row.get('state') == 'no' and row.get('value') == 'EPERM', f'{name}: taken away by EPERM is told', row)
row = rows.get(('call', 'openat2'), {})
ok(row.get('value') == 'ENOSYS' and row.get('state') in ('no', 'unknown'), 'openat2: taken away by ENOSYS is told', row)
ok(state(rows, 'call', 'umount2') == 'yes', 'others are still there')
ok(state(rows, 'process', 'filtered') == 'yes' and rows['process', 'filters'].get('value') in ('1', None),
   'one filter is counted')
ok(state(rows, 'process', 'no_new_privs') == 'yes', 'no_new_privs is set')
ok(state(rows, 'mode', 'install') == 'yes' and state(rows, 'strait', 'run') == 'yes' and result.returncode == 0,
   'strait run works below a filter that allows it', show(result))

rows, result = under('default allow\nerrno(EPERM) { seccomp prctl ptrace }\n')
ok(state(rows, 'mode', 'install') == 'no' and state(rows, 'strait', 'run') == 'no' and result.returncode == 1,
   'a filter that refuses seccomp, prctl and ptrace is told', show(result))
ok(state(rows, 'action', 'allow') == 'unknown' and state(rows, 'flag', 'TSYNC') == 'unknown',
   'what a filter answers in the kernel\'s place is unknown')
ok(state(rows, 'ptrace', 'seize') == 'no' and state(rows, 'call', 'ptrace') == 'no', 'ptrace is told')

rows, result = under('default allow\nerrno(0) { seccomp prctl }\n')
ok(state(rows, 'mode', 'install') == 'no' and state(rows, 'mode', 'no_new_privs') == 'no' and result.returncode == 1,
   'success that a filter invents is none', show(result))
ok(state(rows, 'flag', 'TSYNC') == 'unknown', '... and tells nothing of flags')

rows, result = under('default allow\nkill { seccomp prctl mount }\n')
ok(state(rows, 'mode', 'install') == 'no' and result.returncode == 1 and rows['call', 'mount'].get('value') == 'killed',
   'a filter that kills is told, and doctor survives', show(result))
ok(state(rows, 'ptrace', 'seize') == 'yes', 'what it doesn\'t kill is still told')
ok(state(rows, 'process', 'filtered') == 'yes' and state(rows, 'kernel', 'release') == 'yes',
   'so is what files tell')

rows, result = under('default allow\nerrno(EAGAIN) { clone clone3 fork? vfork? }\n')
ok(state(rows, 'mode', 'install') == 'unknown' and state(rows, 'call', 'mount') == 'unknown' and result.returncode == 1,
   'without children nothing is tried, and that is said', show(result))

if platform.machine() == 'x86_64':
    rows, result = under('arch x86_64, i386, x32\ndefault allow\non i386 errno(EPERM) getpid\non x32 errno(EPERM) getpid\n')
    ok(state(rows, 'abi', 'i386') != 'yes' and state(rows, 'abi', 'x32') != 'yes', 'a filter against ABIs is told')

# Under the tracer of another strait.
path = write('around.strait', 'default allow\n')
rows, result = doctor(STRAIT, 'run', '-p', path, '--')
ok(state(rows, 'ptrace', 'traced') == 'yes' and state(rows, 'strait', 'run') == 'no' and result.returncode == 1,
   'whoever is traced can\'t trace', show(result))
inner = strait('run', '-p', path, '--', STRAIT, 'run', '-p', path, 'true')
ok(inner.returncode == 126, '... and that is so', show(inner))
inner = strait('run', '-p', path, '--', STRAIT, 'run', '--report=none', '-p', path, 'true')
ok(inner.returncode == 0 and '--report=none` works' in rows['strait', 'run']['follows'],
   '... but what is said to work does', show(inner))

# ---- an ordinary user ----
if os.geteuid() != 0 or need('setpriv'):
    skip('not root, or no setpriv')
    done()
nobody = ('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--')
if run(*nobody, STRAIT, '--version').returncode:
    skip('another user can\'t execute this strait')
    done()
rows, result = doctor(*nobody)
ok(state(rows, 'process', 'CAP_SYS_ADMIN') == 'no' and state(rows, 'mode', 'install') == 'yes',
   'a user without capabilities installs filters')
ok(state(rows, 'strait', 'run') == ('yes' if run(*nobody, STRAIT, 'run', 'true').returncode == 0 else 'no'),
   'whether strait run works for them is told')
odd = [r for (group, name), r in rows.items() if group == 'call' and r.get('value') not in (None, 'ENOSYS')
       and 'forbids it' not in r.get('follows', '')]
ok(not odd, 'each call is refused to them before privilege counts', odd)
odd = [r for (group, name), r in rows.items() if group == 'call' and 'something else' in r.get('follows', '')]
ok(not odd, '... by nothing but a setting', odd)
ok(state(rows, 'ptrace', 'get_filter') == 'no', 'they can\'t read filters')
rows, result = under('default allow\nerrno(EPERM) { mount }\n', *nobody)
ok(state(rows, 'call', 'mount') == 'no', 'a filter around them is told')
done()
