# SPDX-License-Identifier: BSD-2-Clause
"""The registers of machines that this one isn't: test-machine.c in C compilers' and emulators' hands where they are
there, and the whole of test-trap.c and the reporter as a 32-bit program."""
import os

from harness import SOURCE, done, need, ok, run, scratch, show, skip

LIBC32 = '/usr/include/x86_64-linux-gnu'  # where gcc -m32 finds headers without gcc-multilib
MACHINES = [
    # name, compiler, emulator
    ('i386', ['gcc', '-m32', '-I' + LIBC32], []),
    ('aarch64', ['aarch64-linux-gnu-gcc'], ['qemu-aarch64-static']),
    ('arm, Thumb', ['arm-linux-gnueabihf-gcc', '-mthumb'], ['qemu-arm-static']),
    ('arm, ARM', ['arm-linux-gnueabihf-gcc', '-marm'], ['qemu-arm-static']),
    ('riscv64', ['riscv64-linux-gnu-gcc'], ['qemu-riscv64-static']),
    ('ppc64le', ['powerpc64le-linux-gnu-gcc'], ['qemu-ppc64le-static']),
    ('s390x', ['s390x-linux-gnu-gcc'], ['qemu-s390x-static']),
]
FLAGS = ['-static', '-pthread', '-std=gnu17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror',
         '-I' + SOURCE + '/src', '-I' + SOURCE + '/tests', '-I' + SOURCE + '/include']


def source(*names):
    return [os.path.join(SOURCE, name) for name in names]


def compiles(compiler):
    """Whether it is there and has a static C library."""
    if need(compiler[0]):
        return False
    with open(os.path.join(scratch, 'empty.c'), 'w') as f:
        f.write('#include <ucontext.h>\nint main(void) { return 0; }\n')
    return run(*compiler, '-static', 'empty.c', '-o', 'empty').returncode == 0


def build(name, compiler, optimize, *sources):
    result = run(*compiler, optimize, *FLAGS, *sources, '-o', 'program')
    return ok(result.returncode == 0, f'{name}: compiles with {optimize}, without a warning', show(result))


def passes(name, what, emulator):
    result = run(*emulator, os.path.join(scratch, 'program'))
    ok(result.returncode == 0 and b'\nnot ok' not in result.stdout and b'ok 1' in result.stdout,
       f'{name}: {what}', show(result))


for name, compiler, emulator in MACHINES:
    if not compiles(compiler):
        skip(f'{name}: no {" ".join(compiler)} with a static C library')
        continue
    for optimize in ('-O0', '-O2'):
        if build(name, compiler, optimize, *source('tests/trap/test-machine.c', 'src/trap/machine.c')):
            if emulator and need(*emulator):
                skip(f'{name}: no {emulator[0]}')
            else:
                passes(name, 'its registers', emulator)
    if name == 'i386':
        if build(name, compiler, '-O2', *source('tests/trap/test-trap.c', 'src/trap/machine.c', 'src/trap/trap.c')):
            passes(name, 'trapped calls, live', [])
    else:
        result = run(*compiler, '-O2', *FLAGS, '-c', *source('src/trap/trap.c'), '-o', 'trap.o')
        ok(result.returncode == 0, f'{name}: the handler compiles', show(result))
done()
