# SPDX-License-Identifier: BSD-2-Clause
"""The filters that the installed libseccomp.so.2 makes of the facts of bench/policies/: called as a container runtime does.

Names are taken from the policy; the few conditions stand here, in libseccomp's terms.
"""
import ctypes
import os
import re

KILL_PROCESS, KILL_THREAD, ALLOW = 0x80000000, 0, 0x7fff0000
TOKENS = {'i386': 0x40000003, 'x32': 0x4000003e}  # libseccomp's own: AUDIT_ARCH_*, x32's without the 64-bit mark
NE, EQ, MASKED_EQ = 1, 4, 7  # enum scmp_compare
ACT_BADARCH, CTL_OPTIMIZE = 2, 8  # enum scmp_filter_attr; CTL_OPTIMIZE: 1 a list, 2 a tree
ACTIONS = {'allow': ALLOW, 'kill_process': KILL_PROCESS, 'kill_thread': KILL_THREAD}
ERRNOS = {'EPERM': 1, 'EACCES': 13, 'EINVAL': 22, 'ENOSYS': 38}


class Compare(ctypes.Structure):
    _fields_ = [('arg', ctypes.c_uint), ('op', ctypes.c_int), ('a', ctypes.c_uint64), ('b', ctypes.c_uint64)]


def errno(value):
    return 0x00050000 | value


def low(arg, value):
    """A test of an argument's low 32 bits, as the kernel looks at no others of it."""
    return arg, MASKED_EQ, 0xffffffff, value


CONDITIONS = {
    'docker': [(ALLOW, 'personality', [(0, EQ, value, 0)]) for value in (0, 8, 0x20000, 0x20008, 0xffffffff)] + [
        (errno(22), 'socket', [(0, EQ, 16, 0), (2, EQ, 9, 0)]),
        (ALLOW, 'socket', [(2, NE, 9, 0)]),
        (ALLOW, 'socket', [(0, NE, 16, 0)]),
    ],
    '66-calls': [(ALLOW, name, [(2, MASKED_EQ, 4, 0)]) for name in ('mmap', 'mprotect')] +
                [(ALLOW, 'ioctl', [low(1, value)]) for value in (0x5401, 0x5413, 0x541b)] +
                [(ALLOW, 'socket', [low(0, 1)]), (ALLOW, 'clone', [(0, MASKED_EQ, 0x10000000, 0)])] +
                [(ALLOW, 'fcntl', [low(1, value)]) for value in (1, 2, 3, 4, 1030)],
    'ssh-preauth': [(ALLOW, name, [(2, MASKED_EQ, 0xfffffffffffffffc, 0)]) for name in ('mmap', 'mprotect')] +
                   [(ALLOW, 'madvise', [(2, EQ, value, 0)]) for value in (0, 4, 8)],
}


def load():
    """The library, or None where there is none."""
    try:
        lib = ctypes.CDLL('libseccomp.so.2')
    except OSError:
        return None
    lib.seccomp_init.restype = ctypes.c_void_p
    return lib


def action(text):
    found = re.fullmatch(r'errno\((\w+)\)', text)
    return errno(ERRNOS[found.group(1)]) if found else ACTIONS[text]


def facts(path):
    """What a policy of bench/policies/ says: (default and foreign action, further ABIs, [(action, name, tests)])."""
    with open(path, encoding='utf-8') as f:
        text = re.sub(r'#.*', '', f.read())
    default = re.search(r'^default (\S+)', text, re.M).group(1)
    foreign = 'kill_thread' if re.search(r'^foreign kill_thread', text, re.M) else 'kill_process'
    archs = re.search(r'^arch (.+)', text, re.M).group(1).split(',')
    rules = [(action(act), name.rstrip('?'), []) for act, names in re.findall(r'^(\S+) \{([^}]*)\}(?! if)', text, re.M)
             for name in names.split()]
    name = os.path.splitext(os.path.basename(path))[0]
    tokens = [TOKENS[arch.strip()] for arch in archs if arch.strip() in TOKENS]
    return (action(default), action(foreign)), tokens, rules + CONDITIONS.get(name, [])


def build(lib, policy, mode, out):
    """Writes the raw program to a file descriptor. libseccomp knows which ABI has which call."""
    (default, foreign), tokens, rules = policy
    context = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(default)))
    if lib.seccomp_attr_set(context, ACT_BADARCH, ctypes.c_uint32(foreign)):
        raise ValueError('libseccomp has no such answer to other architectures')
    if mode != 1 and lib.seccomp_attr_set(context, CTL_OPTIMIZE, ctypes.c_uint32(mode)):
        raise ValueError('this libseccomp makes no trees')
    for token in tokens:
        if lib.seccomp_arch_add(context, ctypes.c_uint32(token)):
            raise ValueError(f'libseccomp has no architecture {token:#x}')
    for act, name, tests in rules:
        number = lib.seccomp_syscall_resolve_name(name.encode())
        array = (Compare * max(1, len(tests)))(*[Compare(*test) for test in tests])
        if number != -1:
            lib.seccomp_rule_add_array(context, ctypes.c_uint32(act), number, len(tests), array)
    if lib.seccomp_export_bpf(context, out):
        raise ValueError('libseccomp makes no program of it')
    lib.seccomp_release(context)
