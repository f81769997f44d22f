#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""libseccomp-docker.py POLICY OUT: the filter that libseccomp makes of bench/policies/docker.strait's facts.

Calls the installed libseccomp.so.2 as a container runtime does, and writes the raw program to OUT. Exits with 77 and a
word where there is no libseccomp. The lists of names are taken from POLICY; the few conditions stand here, in the form
that the profile's JSON has.
"""
import ctypes
import re
import sys

ALLOW, KILL_THREAD, ENOSYS = 0x7fff0000, 0, 38
ARCHS = {'i386': 0x40000003, 'x32': 0x4000003e}  # libseccomp's own tokens: AUDIT_ARCH_*, x32's without the 64-bit mark
EQ, NE = 4, 1  # enum scmp_compare


class Compare(ctypes.Structure):
    _fields_ = [('arg', ctypes.c_uint), ('op', ctypes.c_int), ('a', ctypes.c_uint64), ('b', ctypes.c_uint64)]


def errno(value):
    return 0x00050000 | value


CONDITIONS = [(ALLOW, 'personality', [(0, EQ, value)]) for value in (0, 8, 0x20000, 0x20008, 0xffffffff)] + [
    (errno(22), 'socket', [(0, EQ, 16), (2, EQ, 9)]),
    (ALLOW, 'socket', [(2, NE, 9)]),
    (ALLOW, 'socket', [(0, NE, 16)]),
]


def rules(text):
    """(action, name) of each rule without a condition, in the policy's order; libseccomp knows which ABI has which call."""
    text = re.sub(r'#.*', '', text)
    for action, names in re.findall(r'(errno\(EPERM\)|allow) \{([^}]*)\}', text):
        for name in names.split():
            yield ALLOW if action == 'allow' else errno(1), name.rstrip('?')


def main():
    try:
        lib = ctypes.CDLL('libseccomp.so.2')
    except OSError:
        print('no libseccomp.so.2 here')
        sys.exit(77)
    lib.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(errno(ENOSYS))))
    for name, token in ARCHS.items():
        if lib.seccomp_arch_add(context, ctypes.c_uint32(token)):
            sys.exit(f'libseccomp has no {name}')
    with open(sys.argv[1], encoding='utf-8') as f:
        plain = [(action, name, []) for action, name in rules(f.read())]
    for action, name, tests in plain + CONDITIONS:
        number = lib.seccomp_syscall_resolve_name(name.encode())
        array = (Compare * max(1, len(tests)))(*[Compare(arg, op, value, 0) for arg, op, value in tests])
        if number != -1:
            lib.seccomp_rule_add_array(context, ctypes.c_uint32(action), number, len(tests), array)
    with open(sys.argv[2], 'wb') as out:
        if lib.seccomp_export_bpf(context, out.fileno()):
            sys.exit('libseccomp makes no program of it')


main()
