# SPDX-License-Identifier: BSD-2-Clause
"""static.h as C99 to C17 and C++11 to C++20, with gcc and clang, without a warning; the same program from each; and what
it takes for the architecture, for every machine whose C library's headers are here."""
import os
import re

from harness import *

HERE = os.path.join(SOURCE, 'tests', 'static')
INCLUDE = '-I' + os.path.join(SOURCE, 'include')
WARN = ['-Wall', '-Wextra', '-pedantic', '-Wconversion', '-Wsign-conversion', '-Wshadow', '-Wundef', '-Wcast-qual',
        '-Wwrite-strings', '-Wpointer-arith', '-Werror']
everything = open(os.path.join(HERE, 'everything.c')).read()
c_source = write('everything.c', everything)
cxx_source = write('everything.cc', everything)
first = None


def build(compiler, standard, source, *options):
    out = os.path.join(scratch, 'everything')
    r = run(compiler, '-std=' + standard, *WARN, *options, INCLUDE, source, '-o', out)
    expect(f'{compiler} -std={standard} {" ".join(options)} has nothing to say', r, err='')
    return r.returncode == 0 and not r.stderr and run(out)


def same(name, r):
    global first
    first = first or r
    ok(r and r.returncode == 0 and r.stdout == first.stdout, f'{name} makes the same program', r and show(r))


for compiler, source, standards in (('gcc', c_source, ('c99', 'c11', 'gnu17')), ('clang', c_source, ('c99', 'gnu17')),
                                    ('g++', cxx_source, ('c++11', 'gnu++17', 'c++20')),
                                    ('clang++', cxx_source, ('c++11', 'gnu++17', 'c++20'))):
    if need(compiler):
        skip(f'no {compiler}')
        continue
    for standard in standards:
        same(f'{compiler} -std={standard}', build(compiler, standard, source))
    same(f'{compiler} -O2', build(compiler, standards[0], source, '-O2'))

if not need('gcc'):
    # Each public header alone, too: C99 and nothing before it.
    for name in sorted(os.listdir(os.path.join(SOURCE, 'include', 'strait'))):
        source = write('alone.c', f'#include <strait/{name}>\ntypedef int something;\n')
        expect(f'<strait/{name}> compiles alone as C99',
               run('gcc', '-std=c99', *WARN, INCLUDE, '-fsyntax-only', source), err='')

# ---- the manual's program ----

page = open(os.path.join(SOURCE, 'man', 'strait-static.3.scd')).read()
program = re.search(r'(?ms)^```\n(#include <fcntl.h>\n.*?)^```', page).group(1)
for compiler, name, standard in (('gcc', 'manual.c', 'c99'), ('g++', 'manual.cc', 'c++11')):
    if need(compiler):
        skip(f'no {compiler}')
        continue
    out = os.path.join(scratch, 'manual')
    expect(f'the program in strait-static(3) compiles with {compiler}',
           run(compiler, '-std=' + standard, *WARN, INCLUDE, write(name, program), '-o', out), err='')
    r = run(out)
    if b'no seccomp here' in r.stderr:
        skip('this process can\'t be confined')
        continue
    ok(r.returncode == 0 and r.stdout == b'no file is opened\n', '... and does what it says', show(r))

# ---- what `strait` makes of the program ----

if first:
    asm = write('everything.asm', first.stdout)
    raw = run(os.path.join(scratch, 'everything'), 'write').stderr
    bpf = write('everything.bpf', raw)
    ok(len(raw) % 8 == 0 and raw == strait('asm', asm, '-o', '-').stdout, 'what is written and what is printed are the same')
    expect('strait verify accepts it', strait('verify', bpf), out='accepted')
    expect('strait disasm reads it', strait('disasm', bpf), out='jset')

# ---- architectures ----

MACHINES = [
    # target of clang, AUDIT_ARCH_*, big-endian, x32
    ('x86_64-linux-gnu', 'X86_64', 0, 0), ('x86_64-linux-gnux32', 'X86_64', 0, 1), ('i686-linux-gnu', 'I386', 0, 0),
    ('aarch64-linux-gnu', 'AARCH64', 0, 0), ('aarch64_be-linux-gnu', 'AARCH64', 1, 0),
    ('arm-linux-gnueabihf', 'ARM', 0, 0), ('armeb-linux-gnueabi', 'ARM', 1, 0), ('riscv64-linux-gnu', 'RISCV64', 0, 0),
    ('riscv32-linux-gnu', 'RISCV32', 0, 0), ('powerpc64le-linux-gnu', 'PPC64LE', 0, 0),
    ('powerpc64-linux-gnu', 'PPC64', 1, 0), ('powerpc-linux-gnu', 'PPC', 1, 0), ('s390x-linux-gnu', 'S390X', 1, 0),
    ('mips-linux-gnu', 'MIPS', 1, 0), ('mipsel-linux-gnu', 'MIPSEL', 0, 0), ('mips64-linux-gnuabi64', 'MIPS64', 1, 0),
    ('mips64el-linux-gnuabi64', 'MIPSEL64', 0, 0), ('mips64-linux-gnuabin32', 'MIPS64N32', 1, 0),
    ('mips64el-linux-gnuabin32', 'MIPSEL64N32', 0, 0), ('m68k-linux-gnu', 'M68K', 1, 0),
]
header = open(os.path.join(SOURCE, 'include/strait/static.h')).read()
# What says which machine it is needs no C library, and the tokens are the same in every machine's linux/audit.h.
table = '#include <linux/audit.h>\n' + header[header.index('#ifndef STRAIT_STATIC_ARCH'):header.index('/* ---- the filter')]
include = next((d for d in ('/usr/include/' + os.uname().machine + '-linux-gnu', '/usr/include') if os.path.exists(d + '/asm')), None)
for target, audit, big, x32 in MACHINES if include and not need('clang') else []:
    checks = f'''
typedef char right_arch[STRAIT_STATIC_ARCH == AUDIT_ARCH_{audit} ? 1 : -1];
typedef char right_order[STRAIT_STATIC_BIG_ENDIAN == {big} ? 1 : -1];
typedef char right_x32[STRAIT_S_IS_X32 == {x32} ? 1 : -1];
'''
    clang = ['clang', '--target=' + target, '-nostdlibinc', INCLUDE, '-std=c99', *WARN, '-fsyntax-only']
    if run(*clang, write('known.c', 'typedef int something;\n')).returncode:
        skip(f"this clang doesn't know {target}")
        continue
    r = run(*clang, '-isystem', include, '-isystem', '/usr/include', write('table.c', table + checks))
    expect(f'{target} is AUDIT_ARCH_{audit}, {"big" if big else "little"}-endian', r, err='')
    headers = f'/usr/{target}/include'
    if os.path.exists(headers + '/linux/audit.h') and os.path.exists(headers + '/errno.h'):
        r = run(*clang, '-isystem', headers, write('machine.c', everything + checks))
        expect(f'{target}: everything compiles', r, err='')
if not include or need('clang'):
    skip('no clang or no asm/ headers: other machines are not tried')

if not need('gcc'):
    # Nothing that says which machine this is.
    names = set(re.findall(r'defined\((__\w+__|__riscv)\)', header[:header.index('#error')]))
    source = write('nowhere.c', '#include <linux/filter.h>\n#include <strait/static.h>\n')
    # Without its macro, x86-64 looks to glibc like i386, whose header may not be installed.
    write('i386/gnu/stubs-32.h', '')
    gcc = ['gcc', *('-U' + n for n in sorted(names)), '-E', INCLUDE, '-idirafter', os.path.join(scratch, 'i386'), source]
    r = run(*gcc)
    expect('an architecture that it does not know is an error', r, code=1, err="doesn't know this architecture")
    r = run(*gcc, '-DSTRAIT_STATIC_ARCH=AUDIT_ARCH_SPARC64')
    ok(b"doesn't know" not in r.stderr, '... unless it is told', show(r)[-300:])
done()
