#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""gen-report.py ROOT OUT: writes the reporter as one C file.

It is the sources below, each header where it is first included. Of the named constants only those that are ever
printed stay. What is global between these files gets a prefix, so that a program that contains the file can have names
of its own.
"""
import re
import sys
from pathlib import Path

SOURCES = [
    'src/base/str.c', 'src/base/text.c', 'src/arch/arch.c', 'src/arch/args.c', 'src/arch/constants.c',
    'src/arch/describe.c', 'src/arch/syscalls.c', 'src/trap/machine.c', 'src/trap/trap.c', 'src/report/report.c',
]
PRELOAD = 'src/report/preload.c'
# Declared, not used: nothing here allocates.
DECLARED_ONLY = {'base/buf.h': 'struct buf;\n'}
INTERNAL = ['src/base/str.h', 'src/base/text.h', 'src/arch/arch.h', 'src/trap/machine.h', 'src/trap/trap.h']
HEAD = '''/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strait's reporter for calls that a seccomp filter traps, version {version}: copy this file into a program, compile it
 * with gnu11 or later, declare
 *
 *     struct strait_sigsys_options;
 *     int strait_report_install(const struct strait_sigsys_options *options);
 *
 * (or use <strait/sigsys-report.h>) and call strait_report_install(NULL) before the filter is installed. With
 * -DSTRAIT_REPORT_PRELOAD -shared -fPIC it becomes a library for LD_PRELOAD. It needs libc alone.
 *
 * Written by tools/gen-report.py; the sources are {sources}.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
'''
LOCAL = re.compile(r'\s*#\s*include\s+(?:"([^"]+)"|<(strait/[^>]+)>)')


def families(text):
    """The names and prefixes of constants that families.def prints."""
    rows = re.findall(r'(?:^|\n)FAMILY\(|(?:^|\n)#define \w+\([^)]*\) FAMILY\(', text)
    words = set(re.findall(r'\b_?_?[A-Z][A-Z0-9]*_\w*\b|\b[A-Z]{2,}\w+\b', ' '.join(re.findall(r'"([^"]*)"', text))))
    if not rows or not words:
        sys.exit('families.def: no rows')
    return words | {'AT_FDCWD'}


def shrink_constants(text, words):
    """constants.inc with only the rows that the words, errnos and signals need."""
    names = re.findall(r'^\t"(\w+)\\0"', text, re.M)
    block = re.search(r'struct constant constants\[\] = \{\n(.*?)\n\};', text, re.S).group(1)
    rows = re.findall(r'^\t\{ (.*), (0x\w+), \d+ \}, /\* (\w+) \*/$', block, re.M)
    block = re.search(r'struct exception exceptions\[\] = \{\n(.*?)\n\};', text, re.S).group(1)
    exceptions = re.findall(r'^\t\{ (.*), (0x\w+), (\d+) \},', block, re.M)
    lists = {name: [int(n) for n in re.search(name + r'\[\] = \{ ([\d, ]+) \};', text).group(1).split(', ')]
             for name in ('errno_names', 'signal_names')}
    if len(names) != len(rows) or [r[2] for r in rows] != names or not exceptions:
        sys.exit('constants.inc: not as expected')
    listed = {n for numbers in lists.values() for n in numbers}
    prefixes = tuple(w for w in words if w.endswith('_'))
    kept = [i for i, n in enumerate(names) if i in listed or n in words or n.startswith(prefixes)]
    new = {old: i for i, old in enumerate(kept)}
    out = ['static const char constant_names[] =']
    out += [f'\t"{names[i]}\\0"' for i in kept]
    out[-1] += ';'
    out.append('static const struct constant constants[] = {')
    at = 0
    for i in kept:
        out.append(f'\t{{ {rows[i][0]}, {rows[i][1]}, {at} }},')
        at += len(names[i]) + 1
    out += ['};', 'static const struct exception exceptions[] = {']
    out += [f'\t{{ {value}, {columns}, {new[int(row)]} }},' for value, columns, row in exceptions if int(row) in new]
    out.append('};')
    for name, numbers in lists.items():
        out.append(f'static const uint16_t {name}[] = {{ {", ".join(str(new[n]) for n in numbers)} }};')
    return '\n'.join(out) + '\n'


class Writer:
    def __init__(self, root):
        self.root = root
        self.seen = set()
        self.words = families((root / 'src/arch/families.def').read_text())

    def expand(self, path):
        """The file's text with its own headers in their places."""
        if path.suffix == '.h':
            if path in self.seen:
                return ''
            self.seen.add(path)
        text = path.read_text()
        if path.name == 'constants.inc':
            text = shrink_constants(text, self.words)
        out = []
        for line in text.splitlines(keepends=True):
            found = LOCAL.match(line)
            if line.startswith('/* SPDX'):
                continue
            line = re.sub(r'^static inline ', 'static inline __attribute__((unused)) ', line)
            if not found:
                out.append(line)
            elif found.group(1) in DECLARED_ONLY:
                out.append(DECLARED_ONLY[found.group(1)])
            else:
                name = found.group(1)
                out.append(self.expand(self.root / ('src/' + name if name else 'include/' + found.group(2))))
        return ''.join(out)


def global_names(root):
    """All that the internal headers declare with external linkage."""
    names = set()
    for header in INTERNAL:
        text = re.sub(r'/\*.*?\*/', '', (root / header).read_text(), flags=re.S)
        names |= set(re.findall(r'^(?!static|typedef|#)[\w][\w \*]*?\*?\b(\w+)\(', text, re.M)) - {'NODISCARD'}
        names |= set(re.findall(r'^extern const \w+ (\w+);', text, re.M))
        names |= set(re.findall(r'^NODISCARD \w+ (\w+)\(', text, re.M))
    return sorted(n for n in names if re.match(r'(str|text|arch|trap)_', n))


def main():
    root, out = Path(sys.argv[1]), Path(sys.argv[2])
    version = re.search(r'STRAIT_VERSION "([^"]+)"', (root / 'include/strait/version.h').read_text()).group(1)
    writer = Writer(root)
    parts = [HEAD.format(version=version, sources=', '.join(SOURCES))]
    parts += [f'#define {name} strait_report__{name}\n' for name in global_names(root)]
    parts += [writer.expand(root / source) for source in SOURCES]
    parts += ['#ifdef STRAIT_REPORT_PRELOAD\n', writer.expand(root / PRELOAD), '#endif\n']
    out.write_text(''.join(parts))


main()
