#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait explain: records in each form, what they are told as, which line of a policy it was; then the kernel's own."""
import json
import os
import platform
import select
import socket
import struct

from harness import expect, need, ok, run, scratch, show, skip, strait, write, done

X86, I386, ARM64, S390X = 0xc000003e, 0x40000003, 0xc00000b7, 0x80000016


def raw(comm='"python3"', exe='"/usr/bin/python3.11"', sig=31, arch='c000003e', nr=41, code='0x80000000', pid=1234):
    return (f'audit(1700000000.123:45): auid=1000 uid=0 gid=0 ses=1 subj=unconfined pid={pid} comm={comm} exe={exe} sig={sig} '
            f'arch={arch} syscall={nr} compat=0 ip=0x7f32d3ce1a9d code={code}')


# ---- each form: text, and what is said --------------------------------------------------------------------------------
PYTHON = 'python3[1234] called socket on x86_64 and was killed (process)\n  it is /usr/bin/python3.11'
FORMS = [
    ('the kernel log', f'[ 6876.122475] audit: type=1326 {raw()}', PYTHON),
    ('dmesg -T', f'[Tue Nov 14 22:13:20 2023] audit: type=1326 {raw()}', PYTHON),
    ('syslog', f'Nov 14 22:13:20 host kernel: [ 6876.1] audit: type=1326 {raw()}', PYTHON),
    ('audit.log', 'type=SECCOMP msg=' + raw() + '\x1dARCH=x86_64 SYSCALL=socket AUID="joe" UID="root"', PYTHON),
    ('ausearch -i', 'type=SECCOMP msg=audit(11/14/2023 22:13:20.123:45) : auid=joe uid=root gid=root ses=1 subj=unconfined '
     'pid=1234 comm=python3 exe=/usr/bin/python3.11 sig=SIGSYS arch=x86_64 syscall=socket compat=0 ip=0x7f32d3ce1a9d '
     'code=kill-process', PYTHON),
    ('ausearch -i, a name with a blank', 'type=SECCOMP msg=audit(11/14/2023 22:13:20.123:45) : auid=unset pid=7 comm=Web '
     'Content exe=/opt/a b/firefox sig=SIGSYS arch=x86_64 syscall=socket compat=0 ip=0x7f code=trap',
     'Web Content[7] called socket on x86_64 and got SIGSYS (trap)\n  it is /opt/a b/firefox'),
    ('ausearch -i, a name that could be hexadecimal', 'type=SECCOMP msg=audit(11/14/2023 22:13:20.123:45) : pid=7 comm=DD '
     'exe=/DD sig=SIGSYS arch=x86_64 syscall=unknown-syscall(999) compat=0 ip=0x7f code=kill',
     'DD[7] called 999 on x86_64 and was killed (thread)'),
    ('a name that tries to be a record', 'type=SECCOMP msg=audit(11/14/2023 22:13:20.123:45) : pid=7 comm=a syscall=1 b '
     'exe=/x sig=SIGSYS arch=x86_64 syscall=mount compat=0 ip=0x7f code=kill', 'called mount on x86_64'),
    ('journalctl, short', 'Nov 14 22:13:20 host audit[1234]: SECCOMP ' + raw().split('): ')[1], PYTHON),
    ('journalctl, by the kernel', f'Nov 14 22:13:20 host kernel: audit: type=1326 {raw()}', PYTHON),
    ('journalctl -o json', json.dumps({'__CURSOR': 's=1', '_TRANSPORT': 'audit', 'MESSAGE': 'SECCOMP ' + raw().split('): ')[1],
                                       '_PID': '9'}), PYTHON),
    ('journalctl -o json, bytes', json.dumps({'MESSAGE': list(f'audit: type=1326 {raw()}\xff'.encode('latin-1'))}), PYTHON),
    ('journalctl -o export', f'_PID=9\nMESSAGE=audit: type=1326 {raw()}\n', PYTHON),
    ('a container log', json.dumps({'log': 'x\n--- SIGSYS {si_signo=SIGSYS, si_syscall=__NR_mount, '
                                           'si_arch=AUDIT_ARCH_X86_64} ---\n', 'stream': 'stderr'}), 'called mount on x86_64'),
    ('hexadecimal comm and exe', f'type=1326 {raw(comm="57656220436F6E74656E74", exe="2F612062")}',
     'Web Content[1234] called socket on x86_64 and was killed (process)\n  it is /a b'),
    ('a short hexadecimal name', f'type=1326 {raw(comm="4120")}', 'A [1234] called'),
    ('no comm', f'type=1326 {raw(comm="(null)", exe="(null)")}', 'a program[1234] called socket'),
    ('i386', f'type=1326 {raw(arch="40000003", nr=102)}', 'called socketcall on i386'),
    ('x32', f'type=1326 {raw(nr=0x40000000 + 41)}', 'called socket on x32'),
    ('aarch64', f'type=1326 {raw(arch="c00000b7", nr=198)}', 'called socket on aarch64'),
    ('an unknown architecture', f'type=1326 {raw(arch="deadbeef")}', 'called 41 on an unknown architecture'),
    ('an unknown number', f'type=1326 {raw(nr=4000)}', 'called 4000 on x86_64'),
    ('the number -1', f'type=1326 {raw(nr=-1)}', 'called 4294967295 on x32'),
    ('kill_thread', f'type=1326 {raw(code="0x0")}', 'was killed (thread)'),
    ('trap', f'type=1326 {raw(code="0x30000")}', 'got SIGSYS (trap)'),
    ('errno', f'type=1326 {raw(sig=0, code="0x50000")}', "failed with a filter's errno"),
    ('notify', f'type=1326 {raw(sig=0, code="0x7fc00000")}', 'a supervisor was asked (notify)'),
    ('log', f'type=1326 {raw(sig=0, code="0x7ffc0000")}', 'went on (log)'),
    ('an unknown action', f'type=1326 {raw(code="0x69970000")}', "was killed (an action that the kernel doesn't know)"),
    ('strict mode', f'type=1326 {raw(sig=9, code="0x0")}', 'was killed (strict mode, no filter)'),
    ('strace', '[pid  12] --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f12, si_syscall=__NR_socket, '
     'si_arch=AUDIT_ARCH_X86_64} ---', 'a program[12] called socket on x86_64 and got SIGSYS'),
    ('strace, i386', '--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f12, si_syscall=__NR_mount, '
     'si_arch=AUDIT_ARCH_I386} ---', 'called mount on i386'),
    ('strace, by number', '{si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f, si_syscall=0x29, '
     'si_arch=AUDIT_ARCH_X86_64}', 'called socket on x86_64'),
    ('gdb', '$1 = {_call_addr = 0x7ffff7d0, _syscall = 41, _arch = 3221225534}', 'called socket on x86_64'),
    ('minijail', 'libminijail[123]: blocked syscall: socket', 'a program[123] called socket on x86_64'),
    ('minijail, by number', 'minijail0: libminijail: blocked syscall: 41', 'a program called socket on x86_64'),
    ('minijail, a violation', 'child process 123 received signal 31: seccomp violation: syscall number 41', 'called socket'),
    ('minijail, only a signal', 'libminijail[9]: child process 123 received signal 31', 'made a system call and got SIGSYS'),
    ('Chromium', '../../sandbox/linux/seccomp-bpf-helpers/sigsys_handlers.cc:**CRASHING**:seccomp-bpf failure in syscall 0041',
     'called socket on x86_64'),
    ('Chromium, four digits are not octal', 'x.cc:**CRASHING**:seccomp-bpf failure in syscall 0010', 'called mprotect on'),
    ('Chromium, with arguments', 'x.cc:**CRASHING**:seccomp-bpf failure in syscall nr=0x29 arg1=0x2 arg2=0x1 arg3=0x6 arg4=0x0',
     'called socket(AF_INET, SOCK_STREAM, 6) on x86_64'),
    ('Chromium, a call with a handler of its own', 'x.cc:**CRASHING**:clone() failure', 'called clone on x86_64'),
    ('a shell', 'Bad system call (core dumped)', 'a program made a system call and got SIGSYS'),
    ('systemd', 'x.service: Main process exited, code=dumped, status=31/SYS', 'made a system call and got SIGSYS'),
    ('a container engine', 'unshare: unshare failed: Operation not permitted',
     'a program called unshare on x86_64 and failed with EPERM, by a filter or for want of a capability'),
    ('fields', 'syscall=41 arch=x86_64 a0=2 a1=1', 'a program called socket(AF_INET, SOCK_STREAM, ?) on x86_64\n'),
    ('fields with names', 'syscall=socket arch=AUDIT_ARCH_I386 a0=AF_INET a1=SOCK_STREAM|SOCK_CLOEXEC a2=0',
     'called socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) on i386'),
    ('a negative argument', 'syscall=close arch=x86_64 a0=-1', 'called close('),
    ('a call without arguments', 'syscall=getpid arch=x86_64', 'called getpid() on x86_64'),
    ('nothing but the number', 'syscall=41', 'the architecture isn\'t said; x86_64 is assumed'),
]
for name, text, said in FORMS:
    expect(name, strait('explain', '-a', 'x86_64', stdin=text.encode('latin-1')), 0, out=said)

NOTHING = [
    ('nothing', ''), ('a log of other things', 'hello\n' * 1000), ('another audit record', 'type=SYSCALL msg=audit(1.2:3): '
     'arch=c000003e syscall=41 success=no exit=-1 a0=2 a1=1'), ('another type that begins alike', f'type=13261 {raw()}'),
    ('no number', 'type=1326 audit(1.2:3): arch=c000003e syscall= code=0'), ('a number too large', 'syscall=99999999999'),
    ('a name that is none', 'syscall=sokcet arch=x86_64'), ('user dispatch', '{si_signo=SIGSYS, si_code=SYS_USER_DISPATCH, '
     'si_call_addr=0x7f, si_syscall=0x29, si_arch=AUDIT_ARCH_X86_64}'), ('JSON that ends', '{"MESSAGE":"type=1326 sys'),
    ('EPERM of no call', 'su: Operation not permitted'), ('NULs', '\0' * 5000),
]
for name, text in NOTHING:
    expect(f'none: {name}', strait('explain', stdin=text.encode()), 1, err='no record')

# ---- many ---------------------------------------------------------------------------------------------------------------
log = ''.join(f'noise {i}\n[ {i}.5] audit: type=1326 {raw(pid=i)}\n' for i in range(1, 51)) + f'type=1326 {raw(nr=165)}'
many = strait('explain', '-a', 'x86_64', stdin=log.encode())
expect('equal ones are counted', many, 0, out=['python3[1 and others] called socket on x86_64 and was killed (process), 50 times\n',
                                                'python3[1234] called mount on x86_64'])
ok(many.stdout.count(b' called ') == 2, 'and told once', show(many))
log = ''.join(f'type=1326 {raw(nr=i)}\n' for i in range(5000))
expect('at most 4096 are told', strait('explain', '-a', 'x86_64', stdin=log.encode()), 0, out='and 904 more')
long = 'x' * 200000 + f' type=1326 {raw()}\n' + f'type=1326 {raw(nr=165)}\n'
expect('a line without end hides nothing that follows', strait('explain', stdin=long.encode()), 0, out='called mount')
first = write('first.log', f'a\ntype=1326 {raw()}\n')
both = strait('explain', '--json', first, 'syscall=16', 'arch=x86_64', 'a0=0', 'a1=TCGETS')
found = json.loads(both.stdout)['records'] if both.returncode == 0 else []
ok([(r['call'], r.get('line'), r['args'][:2]) for r in found] ==
   [('socket', 2, [None, None]), ('ioctl(0, TCGETS, ?)', 1, ['0x0', '0x5401'])], 'files and words together', show(both))
expect('a file that is not there', strait('explain', 'nowhere.log'), 2, err="can't read 'nowhere.log'")
expect('a folder', strait('explain', scratch), 2, err="can't read")
expect('a policy that is wrong', strait('explain', '-p', write('bad.strait', 'allow opne\n'), 'syscall=1'), 2, err='error')

# Nothing in a log steers a terminal.
evil = ''.join(chr(c) for c in list(range(1, 10)) + list(range(11, 32)) + list(range(127, 256)))
lines = [raw(comm=evil.encode('latin-1').hex().upper(), exe=evil.encode().hex().upper()), raw(comm=f'"{evil}"', exe=f'"{evil}"'),
         raw(arch=evil), raw(nr=evil), f'pid={evil} syscall=41 a0={evil}']
for form in ([], ['--json']):
    result = strait('explain', *form, stdin='\n'.join(f'type=1326 {x}' for x in lines[:4]).encode('latin-1') + b'\n' +
                    lines[4].encode('latin-1'))
    text = result.stdout.decode('utf-8')
    ok(result.returncode == 0 and not any(ord(c) < 32 and c != '\n' or 127 <= ord(c) < 160 for c in text) and
       (form or text.isascii()), f'no control character is printed {"as JSON" if form else ""}', show(result))

# ---- which line ---------------------------------------------------------------------------------------------------------
P = write('web.strait', '''arch x86_64, i386
default kill_process
allow { read write close }
errno(EPERM) { mount umount2 }
allow socket if family == AF_UNIX
kill_process socket if family == AF_PACKET
trap socket if type == SOCK_RAW
log getpid
''')
Q = write('second.strait', 'default allow\nkill_process socket\n')
WHICH = [
    ('a rule', [P], raw(sig=0, nr=165, code='0x50000'), ['by web.strait:4:1: errno(EPERM) { mount umount2 }',
                                                          'add before web.strait:4: allow mount']),
    ('the default', [P], raw(nr=62), ['by web.strait:2:1: default kill_process', 'add: allow kill\n']),
    ('one of two, where the arguments decide', [P], raw(),
     ['it was one of\n    web.strait:6:1: kill_process socket if family == AF_PACKET\n'
      '    web.strait:2:1: default kill_process\n  to allow it, add before web.strait:6: allow socket\n']),
    ('the action tells which', [P], raw(code='0x30000'), ['  by web.strait:7:1: trap socket if type == SOCK_RAW\n',
                                                          'add before web.strait:7: allow socket\n']),
    ('no action fits', [P], raw(sig=0, code='0x50000'), ['web.strait would not have done that, whatever its arguments were']),
    ('it would not have been stopped', [P], raw(nr=0), ['web.strait would not have stopped it',
                                                        'by web.strait:3:1: allow { read write close }']),
    ('logged as the policy says', [P], raw(sig=0, nr=39, code='0x7ffc0000'), ['by web.strait:8:1: log getpid']),
    ('another answer', [P], raw(nr=165), ['web.strait would have answered otherwise: the call fails with EPERM',
                                          'by web.strait:4:1']),
    ('another architecture', [P], raw(arch='c00000b7', nr=198), ['arch x86_64, i386, aarch64']),
    ('an i386 call', [P], raw(arch='40000003', nr=37), ['add: on i386 { allow kill }']),
    ('a stack: the certain one is stronger', [P, Q], raw(), ['second.strait:2:1: kill_process socket']),
    ('strict mode is no filter', [P], raw(sig=9, code='0x0'), ['strict mode']),
]
for name, filters, text, said in WHICH:
    options = [x for f in filters for x in ('-p', os.path.basename(f))]
    expect(f'which line: {name}', strait('explain', *options, stdin=f'type=1326 {text}'.encode()), 0, out=said)
KNOWN = [
    ('allowed with these arguments', 'a0=1 a1=1 a2=0', 'web.strait would not have stopped it'),
    ('by the rule', 'a0=AF_PACKET', 'by web.strait:6:1: kill_process socket if family == AF_PACKET\n'
     '  to allow it, add before web.strait:6: allow socket if family == AF_PACKET'),
    ('by the default', 'a0=2 a1=1', 'by web.strait:2:1: default kill_process\n'
     '  to allow it, add: allow socket if family == AF_INET && type == SOCK_STREAM\n'),
    ('half of it known', 'a0=2', 'web.strait:7:1: trap socket if type == SOCK_RAW\n    web.strait:2:1: default kill_process\n'
     '  to allow it, add before web.strait:7: allow socket if family == AF_INET\n'),
]
for name, args, said in KNOWN:
    expect(f'which line: {name}', strait('explain', '-p', 'web.strait', f'syscall=socket arch=x86_64 {args}'), 0, out=said)
expect('a raw program of it', strait('compile', '-o', os.path.join(scratch, 'web.bpf'), P), 0)
expect('which instruction: it depends', strait('explain', '-p', 'web.bpf', stdin=f'type=1326 {raw()}'.encode()), 0,
       out='web.bpf: its answer depends on that')
expect('which instruction: it does not', strait('explain', '-p', 'web.bpf', stdin=f'type=1326 {raw(nr=62)}'.encode()), 0,
       out='by web.bpf, instruction ')


# ---- cores --------------------------------------------------------------------------------------------------------------
def core(bits=64, big=False, machine=62, arch=X86, nr=41, code=1, signo=31, regs=(), cut=None):
    order, word = '>' if big else '<', 'Q' if bits == 64 else 'I'
    pack = lambda form, *values: struct.pack(order + form, *values)
    info = (pack('iii4x', signo, 2, code) if bits == 64 else pack('iii', signo, 2, code)) + pack(word + 'iI', 0x7f0012, nr, arch)
    at = 112 if bits == 64 else 72
    status = pack('iii', 31, 0, 0).ljust(32 if bits == 64 else 24, b'\0') + pack('i', 77)
    status = status.ljust(at, b'\0') + pack(f'{len(regs)}{word}', *regs)
    note = lambda kind, desc: pack('III', 5, len(desc), kind) + b'CORE\0\0\0\0' + desc + bytes(-len(desc) % 4)
    notes = note(1, status) + note(3, bytes(40) + b'py\x1b[31m'.ljust(16, b'\0') + bytes(80))
    notes += note(0x53494749, info.ljust(128, b'\0')) + note(1, bytes(len(status))) + note(6, bytes(16))
    ident = b'\x7fELF' + bytes([2 if bits == 64 else 1, 2 if big else 1, 1]) + bytes(9)
    if bits == 64:
        head = ident + pack('HHIQQQIHHHHHH', 4, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        head += pack('IIQQQQQQ', 4, 0, 120, 0, 0, len(notes), 0, 0)
    else:
        head = ident + pack('HHIIIIIHHHHHH', 4, machine, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        head += pack('IIIIIIII', 4, 84, 0, 0, len(notes), 0, 0, 4)
    return (head + notes)[:cut]


def x86_regs(**values):
    names = 'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs gs ds es f g'.split()
    return [values.get(n, 0x1111) for n in names]


CORES = [
    ('x86_64', core(regs=x86_regs(rdi=2, rsi=1, rdx=6)), 'py?[31m[77] called socket(AF_INET, SOCK_STREAM, 6) on x86_64'),
    ('six arguments', core(nr=9, regs=x86_regs(rdi=0, rsi=4096, rdx=3, r10=0x22, r8=2**64 - 1, r9=0)),
     'mmap(0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)'),
    ('int $0x80 in a 64-bit program', core(arch=I386, nr=39, regs=x86_regs(rbx=0, rcx=0o755)), 'mkdir(0x0, 0755) on i386'),
    ('i386', core(bits=32, machine=3, arch=I386, nr=359, regs=[1, 2, 3, 4, 5, 6, 0] + [0] * 10),
     'socket(AF_UNIX, SOCK_DGRAM, 3) on i386'),
    ('aarch64', core(machine=183, arch=ARM64, nr=198, regs=[10, 1, 0] + [0] * 31), 'socket(AF_INET6, SOCK_STREAM, 0) on aarch64'),
    ('big-endian, without arguments', core(machine=22, big=True, arch=S390X, nr=359, regs=[1] * 30),
     'called socket on s390x and was killed, with a core'),
    ('registers that are cut', core(regs=[0] * 14), 'called socket(?, 0, 0) on x86_64'),
]
for name, data, said in CORES:
    path = write('a.core', data)
    expect(f'a core: {name}', strait('explain', path), 0, out=said)
    expect(f'a core through a pipe: {name}', strait('explain', stdin=data), 0, out=said)
expect('a core of another signal', strait('explain', stdin=core(signo=11)), 1, err='no record')
expect('a core of SIGSYS by kill', strait('explain', stdin=core(code=0)), 1, err='no record')
whole = core(regs=x86_regs())
cut = [strait('explain', stdin=whole[:n]).returncode for n in range(4, len(whole) - 40, 29)]
ok(set(cut) <= {2} and cut, 'a core that is cut is said to be', cut)
expect('an ELF file that is no core', strait('explain', '/proc/self/exe'), 2, err=['F011', "in '/proc/self/exe'"])

# ---- the kernel's own -----------------------------------------------------------------------------------------------------
LIVE = write('live.strait', 'default allow\nkill_process socket if family == AF_INET\nlog getppid\n')


def audit_socket():
    """A listener to the kernel's audit records (AUDIT_NLGRP_READLOG), or None."""
    try:
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)
        s.bind((0, 0))
        s.setsockopt(270, 1, 1)
        return s
    except OSError:
        return None


def records_of(s, name, timeout=2):
    """The records with this comm: those of others may come in between."""
    found = []
    while select.select([s], [], [], timeout if not found else 0.2)[0]:
        data = s.recv(1 << 16)
        kind, text = struct.unpack_from('=H', data, 4)[0], data[16:].rstrip(b'\0\n')
        if kind == 1326 and f'comm={name} '.encode() in text:
            found.append(b'type=1326 ' + text)
    return found


python = os.path.realpath('/usr/bin/python3')
CODE = 'import os, resource, socket; resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)); os.getppid(); socket.socket()'
listener = audit_socket()
if need('python3'):
    skip('no python3 here')
elif platform.machine() != 'x86_64':
    skip('the expected words are of x86_64')
else:
    # A name of our own that the kernel writes in hexadecimal digits.
    name = f'x {os.getpid()}\x1b'
    os.symlink(python, os.path.join(scratch, name))
    where = os.path.join(scratch, 'cores')
    os.mkdir(where)
    stopped = strait('run', '-p', LIVE, '--', os.path.join(scratch, name), '-I', '-c', CODE, cwd=where)
    expect('a program is stopped', stopped, 159, err='socket(AF_INET')
    found = records_of(listener, name.encode().hex().upper()) if listener else []
    if not found:
        skip("the kernel's audit records can't be read here")
    else:
        expect("the kernel's record of log", strait('explain', '-p', LIVE, stdin=found[0]), 0,
               out=[f'{name[:-1]}?[', 'called getppid() on x86_64 and went on (log)', 'live.strait:3:1: log getppid'])
        expect("the kernel's record of kill_process", strait('explain', '-p', LIVE, stdin=found[-1]), 0,
               out=['called socket on x86_64 and was killed (process)', 'live.strait:2:1: kill_process socket if family == AF_INET'])
    cores = os.listdir(where)
    if not cores:
        skip('no core is written to the working directory here')
    else:
        expect("the kernel's core", strait('explain', '-p', LIVE, os.path.join(where, cores[0])), 0,
               out=['called socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) on x86_64 and was killed, with a core',
                    'live.strait:2:1: kill_process socket if family == AF_INET'])
        with open(os.path.join(where, cores[0]), 'rb') as f:
            expect('the same through a pipe', strait('explain', stdin=f.read()), 0, out='socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)')
if need('strace', 'python3'):
    skip('no strace here')
else:
    strace = run('strace', '-f', '-e', 'trace=none', 'python3', '-c', '''
import ctypes, struct
insns = [(0x20, 0, 0, 0), (0x15, 0, 1, 165), (6, 0, 0, 0x00030000), (6, 0, 0, 0x7fff0000)]
code = b''.join(struct.pack('HBBI', *i) for i in insns)
kept = ctypes.create_string_buffer(code)
prog = struct.pack('H6xQ', len(insns), ctypes.addressof(kept))
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
libc.prctl(22, 2, prog)
libc.syscall(165, 0, 0, 0, 0, 0)
''')
    if b'SYS_SECCOMP' not in strace.stderr:
        skip('strace does not show a siginfo here')
    else:
        expect("strace's own siginfo", strait('explain', stdin=strace.stderr), 0, out='called mount on x86_64')
# ---- strait run --explain-denied ----------------------------------------------------------------------------------------


def patched(path, diff):
    """The file's lines with a diff that only adds applied, or None where it doesn't fit."""
    old, new, at, inside = open(path).read().splitlines(keepends=True), [], 0, False
    for line in diff.splitlines(keepends=True):
        if line.startswith('--- '):
            inside = line[4:].strip() == os.path.basename(path)
        elif inside and line.startswith('@@ '):
            first, count = map(int, line.split()[1][1:].split(','))
            first -= count > 0
            new += old[at:first]
            at = first
        elif inside and line.startswith('+') and not line.startswith('+++ '):
            new.append(line[1:])
        elif inside and line.startswith(' '):
            if old[at].rstrip('\n') != line[1:].rstrip('\n'):
                return None
            new.append(old[at])
            at += 1
    return ''.join(new + old[at:])


def denied(name, policies, program, code, rules):
    """Runs a program that is stopped, and again with the patched policies: then it isn't."""
    for file, text in policies:
        write(file, text)
    options = [x for file, _ in policies if not file.startswith('inc') for x in ('-p', file)]
    diff = os.path.join(scratch, 'new.diff')
    first = strait('run', *options, '--explain-denied', diff, '--', *program)
    text = open(diff).read() if os.path.exists(diff) else ''
    good = first.returncode == code and all(f'\n+{rule}\n' in text for rule in rules)
    if not ok(good, f'a patch: {name}', show(first) + text):
        return
    for file, _ in policies:
        new = patched(os.path.join(scratch, file), text)
        if not ok(new is not None, f'it fits {file}', text):
            return
        write(file, new)
    again = strait('run', *options, '--explain-denied', diff, '--', *program)
    ok(again.returncode == 0 and open(diff).read() == '', 'then nothing is stopped', show(again) + open(diff).read())


probe = write('probe.c', '''
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
	int bad = socket(AF_INET, SOCK_STREAM, 0) < 0;
	bad |= socket(AF_UNIX, SOCK_STREAM, 0) < 0;
	bad |= mkdir("made", 0700) < 0 && errno != EEXIST;
	bad |= rmdir("made") < 0;
	return bad;
}
''')
if need('gcc'):
    skip('no gcc here')
elif run('gcc', '-o', 'probe', probe).returncode:
    skip('gcc makes no program here')
else:
    PROBE = [os.path.join(scratch, 'probe')]
    inet, unix = 'allow socket if family == AF_INET && type == SOCK_STREAM', 'allow socket if family == AF_UNIX && type == SOCK_STREAM'
    denied('rules and the default', [('deny.strait', 'default errno(EPERM)\ninclude "libc"\ninclude "stdio"\n'
                                      'errno(EACCES) socket\ninclude "files-read"\n')], PROBE, 1,
           [inet, unix, 'allow mkdir', 'allow rmdir'])
    denied('no newline at the end', [('deny.strait', 'include "libc"\n# 1\n# 2\n# 3\n# 4\n# 5\n# 6\n# 7\ndefault errno(EPERM)\n'
                                      'errno(EACCES) mkdir\ninclude "files-read"')], PROBE, 1, [inet, unix, 'allow mkdir', 'allow rmdir'])
    denied('a rule in an included file', [('deny.strait', 'default allow\ninclude "inc.strait"\n'),
                                          ('inc.strait', 'errno(EPERM) rmdir\n')], PROBE, 1, ['allow rmdir'])
    denied('a block', [('deny.strait', 'default allow\non x86_64, aarch64, i386 {\n\terrno(EPERM) mkdir,\n\t\trmdir\n}\n')],
           PROBE, 1, ['allow mkdir'])
    denied('a stack, each of which stops it', [('one.strait', 'default allow\nerrno(EPERM) socket if family == AF_INET\n'),
                                               ('two.strait', 'default allow\nerrno(EACCES) socket\n')], PROBE, 1, [inet, unix])
    denied('what killed', [('deny.strait', 'default allow\nkill_process socket if family == AF_INET\n')], PROBE, 159, [inet])
    silent = strait('run', '-p', 'second.strait', '--report=none', '--explain-denied', '-', '--', *PROBE)
    expect('not with --report=none', silent, 2, err='nothing is reported')
    errno = write('errno.strait', 'default allow\nerrno(EPERM) mkdir\n')
    quiet = strait('run', '-p', errno, '--explain-denied', '-', '--', *PROBE)
    ok(quiet.stdout.decode().startswith(f'--- {errno}\n+++ {errno}\n@@ -1,2 +1,3 @@\n default allow\n+allow mkdir\n errno(EPERM) mkdir\n')
       and b'was stopped' not in quiet.stderr, 'to standard output; and what only failed is not told', show(quiet))
    expect('a raw program has no patch', strait('compile', '-o', os.path.join(scratch, 'errno.bpf'), errno), 0)
    expect('which is said', strait('run', '-p', 'errno.bpf', '--explain-denied', '-', '--', *PROBE), 1,
           err='no patch for mkdir(')
    expect('a shipped policy has none', strait('run', '--explain-denied', '-', '--', 'unshare', '-U', 'true'), 1,
           err='no patch for unshare(')
    expect('standard input is not read twice', strait('run', '-p', '-', '--explain-denied', '-', '--', *PROBE,
                                                      stdin=b'default allow\n'), 126, err="'-' can't be")
done()
