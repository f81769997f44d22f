# SPDX-License-Identifier: BSD-2-Clause
"""examples/detect.c: what it finds is what the kernel says; and it finds less under filters that make the kernel look
older."""
from harness import *

PROGRAM, COMMAND = STRAIT, os.path.abspath(sys.argv[3])


def features(text):
    return {line[:20].strip(): line[21:25].strip() == 'yes' for line in text.splitlines() if line[21:25].strip() in ('yes', 'no')}


plain = run(PROGRAM)
found = features(plain.stdout.decode())
if not found.get('filters') or plain.returncode:
    skip('this process can\'t be confined: ' + plain.stdout.decode().splitlines()[-1])
    done()
expect('it confines itself', plain, out='the filter answers')
try:
    listed = open('/proc/sys/kernel/seccomp/actions_avail').read().split()
except OSError:
    listed = None
    skip('this kernel doesn\'t list its actions')
if listed:
    names = {'kill_process', 'kill_thread', 'trap', 'errno', 'user_notif', 'trace', 'log', 'allow'}
    ok({n for n in names if found[n]} == names & set(listed), 'the actions are those that the kernel lists', plain.stdout)
ok(all(found[n] for n in ('strict mode', 'filters by prctl', 'no_new_privs')), 'modes and no_new_privs are there')
if os.uname().release.split('.')[0] >= '6':
    ok(all(found.values()), 'Linux 6 has all', plain.stdout.decode())

# Filters that make the kernel look as it was.
OLDER = [
    ('Linux 3.16, without seccomp(2)', 'errno(ENOSYS) seccomp', {'filters': False, 'filters by prctl': True, 'TSYNC': None,
                                                                   'kill_process': False, 'log': False, 'errno': True}),
    ('Linux 4.13, with one flag and without GET_ACTION_AVAIL',
     'errno(EINVAL) seccomp if op >= 2\nerrno(EINVAL) seccomp if op == 1 && flags > 1',
     {'filters': True, 'TSYNC': True, 'LOG': False, 'SPEC_ALLOW': False, 'kill_process': False, 'kill_thread': True,
      'notification sizes': False}),
    ('Linux 4.20, without notifications',
     'errno(EINVAL) seccomp if op >= 3\nerrno(EINVAL) seccomp if op == 1 && flags >= 8',
     {'SPEC_ALLOW': True, 'NEW_LISTENER': False, 'WAIT_KILLABLE_RECV': False, 'notification sizes': False, 'log': True}),
    ('Linux 5.18', 'errno(EINVAL) seccomp if op == 1 && flags >= 32',
     {'NEW_LISTENER': True, 'TSYNC_ESRCH': True, 'WAIT_KILLABLE_RECV': False}),
    ('a kernel without filters', 'errno(EINVAL) seccomp if op == 1\nerrno(EINVAL) prctl if option == PR_SET_SECCOMP',
     {'strict mode': True, 'filters': False, 'filters by prctl': False}),
    ('a kernel without seccomp', 'errno(EINVAL) prctl if option in { PR_SET_SECCOMP, PR_GET_SECCOMP }\nerrno(ENOSYS) seccomp',
     {'strict mode': False, 'filters': False, 'filters by prctl': False}),
    ('a filter that claims success', 'errno(0) seccomp',
     {'filters': False, 'filters by prctl': True, 'kill_process': False, 'trap': True}),
]
for name, rules, expected in OLDER:
    policy = write('older.strait', f'default allow\n{rules}\n')
    r = run(COMMAND, 'run', '--report=none', '-p', policy, '--', PROGRAM)
    found = features(r.stdout.decode())
    ok(all(found.get(k) == v for k, v in expected.items()), f'{name}: it finds what is left', show(r))
    if expected.get('filters', True) or expected.get('filters by prctl'):
        expect('... and confines itself with that', r, out='the filter answers')
    else:
        expect('... and says that it does without', r, out='going on without one')
done()
