# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmarks need of libstrait.so.0, called in this process."""
import ctypes
import time

UNPROVEN, QUICK = 1, 4  # enum strait_compile_flags
SAME, PROVEN, DISPROVEN = 0, 0, 1


class CompileOptions(ctypes.Structure):
    _fields_ = [('size', ctypes.c_size_t), ('flags', ctypes.c_uint), ('proof_nodes', ctypes.c_size_t),
                ('weigh', ctypes.c_int), ('counts', ctypes.c_void_p), ('ncounts', ctypes.c_size_t)]


class SeccompData(ctypes.Structure):
    _fields_ = [('nr', ctypes.c_int), ('arch', ctypes.c_uint32), ('ip', ctypes.c_uint64), ('args', ctypes.c_uint64 * 6)]


class Comparison(ctypes.Structure):
    _fields_ = [('size', ctypes.c_size_t), ('outcome', ctypes.c_int), ('call', SeccompData), ('a_ret', ctypes.c_uint32),
                ('b_ret', ctypes.c_uint32), ('stuck', ctypes.c_int), ('filter', ctypes.c_size_t), ('pc', ctypes.c_size_t),
                ('nodes', ctypes.c_size_t)]


class Stack(ctypes.Structure):
    _fields_ = [('filters', ctypes.POINTER(ctypes.c_void_p)), ('len', ctypes.c_size_t)]


class Strait:
    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        self.lib.strait_filter_insns.restype = ctypes.c_void_p
        self.lib.strait_report_new.restype = ctypes.c_void_p
        self.lib.strait_report_text.restype = ctypes.c_char_p

    def compile(self, text, flags=0):
        """(ms to read, ms to compile, instructions, None), or (.., .., None, the first error)."""
        lib, policy, made, size = self.lib, ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t()
        options = CompileOptions(size=ctypes.sizeof(CompileOptions), flags=flags)
        report = ctypes.c_void_p(lib.strait_report_new())
        begin = time.perf_counter()
        r = lib.strait_policy_read_text(b'bench', text, ctypes.c_size_t(len(text)), None, report, ctypes.byref(policy))
        read = time.perf_counter()
        if r == 0:
            r = lib.strait_filter_compile(policy, ctypes.byref(options), report, ctypes.byref(made))
        end = time.perf_counter()
        if r == 0:
            lib.strait_filter_insns(made, ctypes.byref(size))
        why = None if r == 0 else lib.strait_report_text(report, ctypes.c_size_t(0), 0).decode().splitlines()[0]
        lib.strait_filter_free(made)
        lib.strait_policy_free(policy)
        lib.strait_report_free(report)
        return (read - begin) * 1e3, (end - read) * 1e3, size.value if r == 0 else None, why

    def same(self, a, b):
        """Do two raw programs answer the same to every call? True, or a call that tells them apart."""
        lib, filters = self.lib, [ctypes.c_void_p(), ctypes.c_void_p()]
        for raw, made in zip((a, b), filters):
            if lib.strait_filter_from_raw(b'bench', raw, ctypes.c_size_t(len(raw)), 0, None, ctypes.byref(made)):
                raise ValueError('no program')
        stacks = [Stack(ctypes.pointer(made), 1) for made in filters]
        result = Comparison(size=ctypes.sizeof(Comparison))
        r = lib.strait_compare(ctypes.byref(stacks[0]), ctypes.byref(stacks[1]), SAME, None, None, ctypes.byref(result))
        for made in filters:
            lib.strait_filter_free(made)
        if r or result.outcome not in (PROVEN, DISPROVEN):
            return 'not decided'
        if result.outcome == PROVEN:
            return True
        call = result.call
        return (f'arch {call.arch:#x}, number {call.nr}({", ".join(hex(a) for a in call.args)}): '
                f'{result.a_ret:#x} and {result.b_ret:#x}')
