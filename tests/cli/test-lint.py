#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait check's lints: for each code a policy or program that has it and a near twin that hasn't, the same for the
compiled program, and the comments that silence them."""
import json
import os
import re
import struct

from harness import ENV, SOURCE, expect, ok, scratch, show, strait, write, done

# What every allow list needs, so that only the finding in question is left.
BASE = 'default kill_process\nallow { exit exit_group rt_sigreturn restart_syscall }\n'
OPEN = 'default allow\n'


def codes(result):
    return sorted(set(re.findall(r'(?:warning|note)\[([A-Z]\d+)\]', result.stderr.decode())))


def check(text, *options, name='p.strait'):
    return strait('check', '-a', 'x86_64', *options, write(name, text))


# code, whether the compiled program has it too, options, the policy, its twin
CASES = [
    ('L001', False, (), BASE + 'allow ioctl if cmd < 9\nallow ioctl if cmd >= 9\ndeny ioctl if fd == 3\n',
     BASE + 'allow ioctl if cmd < 9\nallow ioctl if cmd >= 10\ndeny ioctl if fd == 3\n'),
    ('L001', False, (), BASE + 'deny close if fd in { 1 .. 5 }\nallow close if fd == 3\n',
     BASE + 'deny close if fd in { 1 .. 5 }\nallow close if fd == 6\n'),
    ('L002', False, (), BASE + 'allow close if fd < 4 || fd >= 4\n', BASE + 'allow close if fd < 4 || fd > 4\n'),
    ('L003', False, (), BASE + 'allow close if fd < 4 && fd > 4\n', BASE + 'allow close if fd < 4 && fd > 2\n'),
    ('L003', False, (), BASE + 'allow openat if flags has O_WRONLY && flags within O_CLOEXEC\n',
     BASE + 'allow openat if flags has O_CLOEXEC && flags within O_CLOEXEC|O_WRONLY\n'),
    ('L004', False, (), BASE + 'allow close if fd == 3\nallow close if fd < 9\n', BASE + 'allow close if fd == 3\nallow close if fd < 3\n'),
    ('L005', False, (), BASE + 'allow read\nkill_process ptrace\n', BASE + 'allow read\ndeny ptrace\n'),
    ('L010', True, (), BASE + 'foreign allow\n', BASE + 'foreign deny\n'),
    ('L012', True, (), OPEN + 'deny ioctl if arg1 in { 0x5412, 0x541c }\n', OPEN + 'deny ioctl if cmd in { TIOCSTI, TIOCLINUX }\n'),
    ('L012', True, (), BASE + 'allow socket if arg0 != 40\n', BASE + 'allow socket if family != 40\n'),
    ('L012', True, (), OPEN + 'deny mkdirat if arg2 & 0x1ffff == 0x1ff\ndeny mkdir\n', OPEN + 'deny mkdirat if arg2 & 0xffff == 0x1ff\ndeny { mkdir io_uring_enter }\n'),
    ('L013', True, (), BASE + 'allow getcwd if arg0 < 0x800000000000\n', BASE + 'allow getcwd if buf != NULL\n'),
    ('L013', True, (), OPEN + 'deny uname if arg0 == 4096\n', OPEN + 'deny uname if name == NULL\n'),
    ('L020', True, (), BASE + 'allow openat if flags within O_CLOEXEC\nallow openat2\n',
     BASE + 'allow openat if flags within O_CLOEXEC\nerrno(ENOSYS) openat2\n'),
    ('L020', True, (), OPEN + 'deny openat if flags & O_CREAT != 0\n',
     OPEN + 'deny { open openat } if flags & O_CREAT != 0\ndeny { creat openat2 open_by_handle_at io_uring_enter }\n'),
    ('L021', True, (), BASE + 'allow clone if clone_flags has CLONE_VM\nallow clone3\n',
     BASE + 'allow clone if clone_flags has CLONE_VM\nerrno(ENOSYS) clone3\n'),
    ('L021', True, (), OPEN + 'deny clone if clone_flags has CLONE_NEWUSER\nerrno(ENOSYS) clone3\n',
     OPEN + 'deny clone if clone_flags has CLONE_NEWUSER\nerrno(ENOSYS) clone3\ndeny unshare if unshare_flags has CLONE_NEWUSER\n'),
    ('L022', True, (), BASE + 'allow { read write io_uring_setup io_uring_enter }\n', BASE + 'allow { read write io_uring_setup }\n'),
    ('L022', True, (), OPEN + 'deny connect\n', OPEN + 'deny { connect io_uring_setup }\n'),
    ('L023', True, (), OPEN + 'deny ioctl if cmd == TIOCSTI\n', OPEN + 'deny ioctl if cmd in { TIOCSTI, TIOCLINUX }\n'),
    ('L023', True, (), BASE + 'allow ioctl if cmd != TIOCSTI\n', BASE + 'allow ioctl if cmd == TCGETS\n'),
    ('L024', True, (), OPEN + 'deny mprotect if prot has PROT_EXEC\n',
     OPEN + 'deny { mprotect pkey_mprotect } if prot has PROT_EXEC\ndeny shmat if shmflg has SHM_EXEC\n'),
    ('L025', True, (), OPEN + 'deny mount\n',
     OPEN + 'deny { mount fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr mount_setattr }\n'),
    ('L025', True, (), BASE + 'allow mount if flags has MS_BIND\nallow { open_tree move_mount }\n', BASE + 'allow mount\nallow { open_tree move_mount }\n'),
    ('L026', True, (), OPEN + 'deny setns if flags & CLONE_NEWUSER != 0\n', OPEN + 'deny setns if flags & CLONE_NEWUSER != 0 || flags == 0\n'),
    ('L027', True, (), OPEN + 'deny ptrace\n', OPEN + 'deny { ptrace process_vm_writev process_vm_readv pidfd_getfd }\n'),
    ('L028', True, ('-a', 'i386'), OPEN + 'deny socket if family == AF_VSOCK\n', OPEN + 'deny { socket socketcall io_uring_enter }\n'),
    ('L028', True, ('-a', 'i386'), OPEN + 'deny shmget\n', OPEN + 'deny { shmget ipc }\n'),
    ('L029', True, (), OPEN + 'deny execve\n', OPEN + 'deny { execve execveat }\n'),
    ('L029', True, (), OPEN + 'deny { chmod fchmodat fchmodat2 }\n', OPEN + 'deny { chmod fchmod fchmodat fchmodat2 }\n'),
    ('L029', True, (), BASE + 'allow unlinkat if flag == 0\nallow rmdir\n', BASE + 'allow unlinkat if flag == 0\nallow getppid\n'),
    ('L029', True, (), OPEN + 'deny fork\n', OPEN + 'deny execveat\n'),
    ('L030', True, (), 'default kill_process\nallow { read exit_group }\n', 'default kill_process\nallow { read exit_group rt_sigreturn }\n'),
    ('L031', True, (), 'default kill_process\nallow { read rt_sigreturn }\n', 'default kill_process\nallow { read rt_sigreturn exit }\n'),
    ('L032', True, (), 'default kill_process\nallow { exit rt_sigreturn poll }\n', 'default kill_process\nallow { exit rt_sigreturn ppoll }\n'),
    ('L033', True, (), BASE + 'allow { open read }\n', BASE + 'allow { open openat read }\n'),
    ('L040', True, (), BASE + 'allow read\nkill_thread ptrace\n', BASE + 'allow read\ndeny ptrace\n'),
    ('L042', True, (), BASE + 'trace(7) chroot\n', BASE + 'trap(7) chroot\n'),
    ('L043', True, (), BASE + 'notify chroot\n', BASE + 'deny chroot\n'),
]
for code, compiled, options, bad, good in CASES:
    for text, wanted in (bad, True), (good, False):
        title = f'{code}: {"" if wanted else "not "}{text.splitlines()[-1]}'
        result = check(text, *options)
        ok((code in codes(result)) == wanted and result.returncode == 0, title, show(result))
        if wanted:
            ok(f'[{code}]' in result.stderr.decode() and f'p.strait:' in result.stderr.decode(), 'its place is a line', show(result))
        else:
            ok(codes(result) == [], 'nothing else is found in the twin', show(result))
        if not compiled:
            continue
        bpf = os.path.join(scratch, 'p.bpf')
        made = strait('compile', '-a', 'x86_64', *options, '-o', bpf, os.path.join(scratch, 'p.strait'))
        raw = strait('check', '-a', 'x86_64', *options, bpf)
        ok((code in codes(raw)) == wanted and raw.returncode == 0, title + ', as a program', show(made) + show(raw))
        if wanted:
            place = re.search(r'p\.bpf: instruction (\d+): (?:warning|note)\[' + code, raw.stderr.decode())
            ok(place, 'its place is an instruction', show(raw))
# ---- programs ------------------------------------------------------------------------------------------------------
# code, the instruction it is at, the text, its twin
HEAD = 'ld [4]\njeq #0xc000003e, ok\nret #0x80000000\nok: ld [0]\njge #0x40000000, no\n'
NEEDS = 'jeq #60, yes\njeq #231, yes\njeq #15, yes\njeq #219, yes\n'
TAIL = 'no: ret #0x80000000\nyes: ret #0x7fff0000\n'
PROGRAMS = [
    ('L010', 1, 'ld [0]\nret #0x7fff0000\n', HEAD + NEEDS + TAIL),
    ('L010', 11, 'ld [4]\njeq #0xc000003e, ok\njeq #0x40000003, no, yes\nok: ld [0]\njge #0x40000000, no\n' + NEEDS + 'jmp no\n' + TAIL,
     'ld [4]\njeq #0xc000003e, ok\njeq #0x40000003, yes, no\nok: ld [0]\njge #0x40000000, no\n' + NEEDS + 'jmp no\n' + TAIL),
    ('L011', 6, 'ld [4]\njeq #0xc000003e, ok\nret #0x80000000\nok: ld [0]\njeq #101, no\njmp yes\nyes: ret #0x7fff0000\nno: ret #0x50001\n',
     'ld [4]\njeq #0xc000003e, ok\nret #0x80000000\nok: ld [0]\nand #0xbfffffff\njeq #101, no\njeq #521, no\nyes: ret #0x7fff0000\nno: ret #0x50001\n'),
    ('L041', 9, HEAD + 'jeq #105, zero\n' + 'jeq #60, yes\njeq #15, yes\n' + 'jmp no\nzero: ret #0x50000\n' + TAIL,
     HEAD + 'jeq #105, zero\n' + 'jeq #60, yes\njeq #15, yes\n' + 'jmp no\nzero: ret #0x50001\n' + TAIL),
    ('L044', 9, HEAD + 'jeq #105, what\n' + 'jeq #60, yes\njeq #15, yes\n' + 'jmp no\nwhat: ret #0x10000\n' + TAIL,
     HEAD + 'jeq #105, what\n' + 'jeq #60, yes\njeq #15, yes\n' + 'jmp no\nwhat: ret #0x30000\n' + TAIL),
    ('L050', 5, HEAD + 'ld [16]\nld [0]\n' + NEEDS + TAIL, HEAD + 'ld [0]\n' + NEEDS + TAIL),
    ('L050', 5, HEAD + 'lsh #1\nrsh #1\n' + NEEDS + TAIL, HEAD + 'and #0xffff\n' + NEEDS + TAIL),
    ('L050', 10, HEAD + NEEDS + 'no: ret #0x80000000\nyes: ret #0x7fff0007\n', HEAD + NEEDS + TAIL),
    ('L099', 8, HEAD + 'ld [16]\ntax\nld [24]\nmul x\nmul x\ndiv x\njeq #77, yes\n' + 'ld [0]\n' + NEEDS + TAIL,
     HEAD + 'ld [16]\ntax\nld [24]\nand #7\njeq #77, yes\n' + 'ld [0]\n' + NEEDS + TAIL),
]
for code, place, bad, good in PROGRAMS:
    for text, wanted in (bad, True), (good, False):
        result = strait('check', '-a', 'x86_64', write('p.asm', text))
        ok((code in codes(result)) == wanted and result.returncode == 0, f'{code}: {"" if wanted else "not "}in {text[-60:]!r}', show(result))
        if wanted and place is not None:
            ok(f'p.asm: instruction {place}: ' in result.stderr.decode(), 'its place is the instruction', show(result))
            made = strait('asm', '-o', os.path.join(scratch, 'p.bpf'), os.path.join(scratch, 'p.asm'))
            ok(codes(strait('check', '-a', 'x86_64', os.path.join(scratch, 'p.bpf'))) == codes(result), 'and the raw program has the same', show(made))
        elif not wanted:
            ok(code in ('L099', 'L011', 'L010') or codes(result) == [], 'nothing else is found in the twin', show(result))

# ---- witnesses -----------------------------------------------------------------------------------------------------
for text in OPEN + 'deny ioctl if arg1 == 0x5412\n', BASE + 'allow socket if arg0 != 40\n', OPEN + 'deny mkdirat if arg2 & 0x1ffff == 0x1ff\n':
    result = check(text)
    found = re.search(r'stopped: (.*); not stopped: (.*)', result.stderr.decode())
    if ok(found, 'two calls show what gets past: ' + text.splitlines()[-1], show(result)):
        stopped, passed = (strait('eval', os.path.join(scratch, 'p.strait'), call) for call in found.groups())
        ok((stopped.returncode, passed.returncode) == (1, 0), 'strait eval confirms them', show(stopped) + show(passed))

# ---- silence -------------------------------------------------------------------------------------------------------
HOLE = 'default allow\ndeny ptrace'
SILENT = [
    ('on the line', HOLE + '  # strait: allow L027\n', []),
    ('above the line', HOLE.replace('deny', '# strait: allow L027\ndeny'), []),
    ('above the line, further comments between', HOLE.replace('deny', '# strait: allow L027: known\n# more\n\ndeny'), []),
    ('two codes', HOLE.replace('deny', '# strait: allow L027, L005 the second is for nothing\ndeny'), ['W008']),
    ('another code', HOLE + ' # strait: allow L020\n', ['L027', 'W008']),
    ('another line', '# strait: allow L027\n' + HOLE + '\n', ['L027', 'W008']),
    ('at the end of the line above', HOLE.replace('allow\n', 'allow # strait: allow L027\n'), ['L027', 'W008']),
    ('an unknown code', HOLE + ' # strait: allow L777\n', ['L027', 'W007']),
    ('the code of an error', HOLE + ' # strait: allow P017\n', ['L027', 'W007']),
    ('no code', HOLE + ' # strait: allow\n', ['L027', 'W007']),
    ('a comment that only mentions it', HOLE + ' # not strait: allow L777\n', ['L027']),
    ('for this ABI', HOLE + ' # strait: allow L027 on x86_64, i386: known\n', []),
    ('for other ABIs, unused here', 'default allow # strait: allow L027 on i386, arm\n', []),
    ('for this ABI, unused', 'default allow # strait: allow L027 on x86_64\n', ['W008']),
    ('for an unknown ABI', HOLE + ' # strait: allow L027 on x68_64\n', ['W007']),
    ('a warning of the reader', 'default allow\ndeny chroot\ndeny chroot # strait: allow W004\n', []),
    ('and the same by proof', 'default allow\ndeny chroot if arg0 < 1 || arg0 >= 1 # strait: allow L002\ndeny chroot if arg0 == 5 # strait: allow L001\n', []),
    ('the default', 'default kill # strait: allow L030, L031\nallow read\n', []),
    ('with a carriage of spaces', HOLE + '\t#  strait:  allow   L027\n', []),
]
for title, text, wanted in SILENT:
    result = check(text)
    ok(codes(result) == wanted and result.returncode == 0, 'silence: ' + title, show(result))
    again = check(text, '--strict')
    ok(again.returncode == (1 if b'warning' in again.stderr else 0), 'and --strict counts what is left', show(again))
result = check(HOLE + '\n', '--strict', '--allow', 'L027')
ok(result.returncode == 0 and codes(result) == [], '--allow does it for a whole run', show(result))
result = check('default allow\nkill_thread swapoff\n', '--strict')
ok(result.returncode == 0 and codes(result) == ['L040'] and b': ok: ' in result.stdout, 'a note makes nothing strict', show(result))
# A library that the policy includes silences lines of its own; what it leaves unused is not the reader's business.
write('lib.strait', 'deny ptrace # strait: allow L027\ndeny swapon # strait: allow L027\n')
result = check('default allow\ninclude "lib.strait"\n')
ok(codes(result) == [], 'in an included file', show(result))
result = check('default kill\ninclude "libc"\nallow openat2\n')
ok(codes(result) == ['W001'], 'what a library stops first, a later rule does not open', show(result))
result = check('default kill\nallow openat2\ninclude "libc"\n')
ok(codes(result) == ['L020'] and 'p.strait:3:1: warning[L020]' in result.stderr.decode(), 'a hole in a shipped library is shown at its include', show(result))

# ---- stacks --------------------------------------------------------------------------------------------------------
one = write('one.strait', 'default allow\ndeny ptrace\n')
two = write('two.strait', 'default allow\ndeny { process_vm_readv process_vm_writev pidfd_getfd }\n')
ok(codes(strait('check', one)) == ['L027'] and codes(strait('check', '--stack', one, two)) == [], 'what one filter of a stack leaves open, another one shuts')
quiet = write('quiet.strait', 'default allow\ndeny ptrace # strait: allow L027\n')
ok(codes(strait('check', '--stack', quiet, two)) == [], 'a comment that another filter makes superfluous is none that silences nothing')
young = 'default kill\nbaseline linux 3.10\nallow { exit rt_sigreturn fchmod fchmodat }\n'
ok(codes(check(young)) == [], 'what a baseline refuses is not restricted on purpose', show(check(young)))
result = strait('check', '--stack', two, write('three.strait', 'default allow\ndeny mount\n'))
expect('what all leave open', result, 0, err='three.strait:2:6: warning[L025]')
long = os.path.join(scratch, 'long.bpf')
jeq, ret = struct.pack('=HBBI', 0x15, 1, 2, 1), struct.pack('=HBBI', 0x06, 0, 0, 0x7fff0000)
with open(long, 'wb') as f:
    f.write(jeq * 4093 + ret * 3)
result = strait('check', long)
ok('L051' in codes(result) and b'3 of these at most' in result.stderr, 'how many of a filter fit', show(result))
result = strait('check', '--stack', long, long, long)
ok('L051' in codes(result), 'a stack without room for one more', show(result))
expect('a stack that the kernel refuses', strait('check', '--stack', long, long, long, long), 2, err='F006')
expect('a program that the kernel refuses', strait('check', write('bad.bpf', jeq)), 2, err='F004')

# ---- the rest ------------------------------------------------------------------------------------------------------
result = strait('check', '--json', one, os.path.join(scratch, 'p.bpf'))
report = json.loads(result.stdout)['policies']
ok(report[0]['messages'][0]['code'] == 'L027' and report[0]['messages'][0]['line'] == 2 and report[0]['ok'], '--json: a place in a policy', result.stdout)
ok(isinstance(report[1]['messages'][0]['instruction'], int) and 'line' not in report[1]['messages'][0], '--json: a place in a program', result.stdout)
ARCHS = 'x86_64 i386 x32 aarch64 arm ppc64le s390x mips mipsel64 riscv64 loongarch64 m68k'.split()
shipped = [os.path.join(SOURCE, 'policies', 'default.strait')]
shipped += sorted(os.path.join(SOURCE, 'examples', n) for n in os.listdir(os.path.join(SOURCE, 'examples')) if n.endswith('.strait'))
for arch in ARCHS:
    result = strait('check', '--strict', '-a', arch, *shipped)
    ok(result.returncode == 0 and codes(result) == [], f'no shipped policy and no example has a finding on {arch}, so the kernel sees each plain allow', show(result))
result = strait('check', '--strict', 'default')
ok(result.returncode == 0 and codes(result) == [], 'nor has the library\'s own default', show(result))

with open(os.path.join(SOURCE, 'src/base/diag-codes.def')) as f:
    known = re.findall(r'^DIAG\(\w+, "([LW]\d+)"', f.read(), re.M)
with open(os.path.join(SOURCE, 'man/strait-lints.7.scd')) as f:
    manual = f.read()
tested = {c[0] for c in CASES} | {p[0] for p in PROGRAMS} | {'L051'}
for code in known:
    section = re.search(rf'^## {code} .*?(?=^#|\Z)', manual, re.M | re.S)
    ok(section and '```' in section.group(), f'{code} has a section with an example in strait-lints(7)')
    ok(code[0] == 'W' or code in tested, f'{code} is raised by a test above')
    example = re.search(r'```\n(.*?)```', section.group(), re.S).group(1) if section else ''
    if re.match(r'default|allow|deny|errno|arch|kill_thread|trace|notify|let', example):
        heads = ('', BASE, OPEN)
        ok(any(code in codes(check(head + example)) for head in heads), f'{code} is what the manual\'s example raises', example)
done()
