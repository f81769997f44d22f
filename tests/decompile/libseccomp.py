#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""libseccomp.py NAME OUT: a filter in the manner of well-known programs, built as they do with the installed
libseccomp.so.2, written raw to OUT. Exits with 77 and a word where there is no libseccomp. Without arguments: the names.

The rules are facts from those programs' documentation: systemd.exec(5) (RestrictAddressFamilies=, RestrictNamespaces=,
MemoryDenyWriteExecute=, RestrictSUIDSGID=, SystemCallFilter=~...) and what flatpak(1) hands to bubblewrap.
"""
import ctypes
import sys

ALLOW, KILL_PROCESS = 0x7fff0000, 0x80000000
X86, X32 = 0x40000003, 0x4000003e  # libseccomp's tokens: AUDIT_ARCH_*, x32's without the 64-bit mark
NE, LT, LE, EQ, GE, GT, MASKED = range(1, 8)  # enum scmp_compare
EPERM, EINVAL, ENOSYS, EAFNOSUPPORT = 1, 22, 38, 97
AF_UNIX, AF_INET, AF_NETLINK, AF_INET6, AF_MAX = 1, 2, 16, 10, 46
CLONE = {'ns': 0x20000, 'cgroup': 0x2000000, 'uts': 0x4000000, 'ipc': 0x8000000, 'user': 0x10000000, 'pid': 0x20000000,
         'net': 0x40000000}


class Compare(ctypes.Structure):
    _fields_ = [('arg', ctypes.c_uint), ('op', ctypes.c_int), ('a', ctypes.c_uint64), ('b', ctypes.c_uint64)]


def errno(value):
    return 0x00050000 | value


class Filter:
    def __init__(self, lib, default, archs=()):
        self.lib = lib
        self.context = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(default)))
        for token in archs:
            if lib.seccomp_arch_add(self.context, ctypes.c_uint32(token)):
                sys.exit('an architecture is unknown')

    def add(self, action, name, *tests):
        number = self.lib.seccomp_syscall_resolve_name(name.encode())
        array = (Compare * max(1, len(tests)))(*[Compare(*(test + (0,) * (4 - len(test)))) for test in tests])
        if self.lib.seccomp_rule_add_array(self.context, ctypes.c_uint32(action), number, len(tests), array):
            sys.exit(f'{name}: libseccomp does not take the rule')


def systemd_families(lib):
    """RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6: one rule for each family that is not allowed."""
    f = Filter(lib, ALLOW)
    allowed = [AF_UNIX, AF_INET, AF_INET6]
    f.add(errno(EAFNOSUPPORT), 'socket', (0, LT, min(allowed)))
    f.add(errno(EAFNOSUPPORT), 'socket', (0, GT, max(allowed)))
    for family in range(min(allowed) + 1, max(allowed)):
        if family not in allowed:
            f.add(errno(EAFNOSUPPORT), 'socket', (0, EQ, family))
    return f


def systemd_namespaces(lib):
    """RestrictNamespaces=yes"""
    f = Filter(lib, ALLOW)
    f.add(errno(ENOSYS), 'clone3')
    f.add(errno(EPERM), 'setns')
    for flag in CLONE.values():
        f.add(errno(EPERM), 'unshare', (0, MASKED, flag, flag))
        f.add(errno(EPERM), 'clone', (0, MASKED, flag, flag))
    return f


def systemd_memory(lib):
    """MemoryDenyWriteExecute=yes"""
    f = Filter(lib, ALLOW)
    f.add(errno(EPERM), 'mmap', (2, MASKED, 6, 6))
    f.add(errno(EPERM), 'mprotect', (2, MASKED, 4, 4))
    f.add(errno(EPERM), 'pkey_mprotect', (2, MASKED, 4, 4))
    f.add(errno(EPERM), 'shmat', (2, MASKED, 0o100000, 0o100000))
    return f


def systemd_suid(lib):
    """RestrictSUIDSGID=yes"""
    f = Filter(lib, ALLOW)
    for bit in 0o4000, 0o2000:
        for name, arg in ('chmod', 1), ('fchmod', 1), ('fchmodat', 2), ('mkdir', 1), ('mkdirat', 2), ('mknod', 1), ('mknodat', 2), ('creat', 1):
            f.add(errno(EPERM), name, (arg, MASKED, bit, bit))
        f.add(errno(EPERM), 'open', (1, MASKED, 0o100, 0o100), (2, MASKED, bit, bit))
        f.add(errno(EPERM), 'openat', (2, MASKED, 0o100, 0o100), (3, MASKED, bit, bit))
    f.add(errno(ENOSYS), 'openat2')
    return f


def systemd_service(lib):
    """SystemCallFilter=~@mount @module @reboot @swap, for x86-64, x86 and x32."""
    f = Filter(lib, ALLOW, (X86, X32))
    for name in ('mount umount umount2 pivot_root chroot fsopen fsmount move_mount open_tree mount_setattr init_module finit_module '
                 'delete_module kexec_load kexec_file_load reboot swapon swapoff').split():
        f.add(errno(EPERM), name)
    return f


def flatpak(lib):
    """What flatpak 1.14 denies: a list, two ioctls, new user namespaces, and most families."""
    f = Filter(lib, ALLOW, (X86,))
    for name in 'syslog uselib acct quotactl add_key keyctl request_key move_pages mbind get_mempolicy set_mempolicy migrate_pages unshare setns mount umount umount2 pivot_root chroot'.split():
        f.add(errno(EPERM), name)
    f.add(errno(EPERM), 'clone', (0, MASKED, CLONE['user'], CLONE['user']))
    f.add(errno(EPERM), 'ioctl', (1, MASKED, 0xffffffff, 0x5412))
    f.add(errno(EPERM), 'ioctl', (1, MASKED, 0xffffffff, 0x541c))
    for name in 'clone3 open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr'.split():
        f.add(errno(ENOSYS), name)
    f.add(errno(EPERM), 'personality', (0, NE, 0))
    f.add(errno(EPERM), 'perf_event_open')
    f.add(errno(EPERM), 'ptrace')
    for family in range(AF_MAX):
        if family not in (0, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK):
            f.add(errno(EAFNOSUPPORT), 'socket', (0, EQ, family))
    f.add(errno(EAFNOSUPPORT), 'socket', (0, GE, AF_MAX))
    return f


FILTERS = {f.__name__.replace('_', '-'): f for f in (systemd_families, systemd_namespaces, systemd_memory, systemd_suid,
                                                    systemd_service, flatpak)}


def main():
    if len(sys.argv) == 1:
        print('\n'.join(FILTERS))
        return
    try:
        lib = ctypes.CDLL('libseccomp.so.2')
    except OSError:
        print('no libseccomp.so.2 here')
        sys.exit(77)
    lib.seccomp_init.restype = ctypes.c_void_p
    made = FILTERS[sys.argv[1]](lib)
    with open(sys.argv[2], 'wb') as out:
        if lib.seccomp_export_bpf(made.context, out.fileno()):
            sys.exit('libseccomp makes no program of it')


main()
