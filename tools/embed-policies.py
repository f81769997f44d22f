#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the shipped policies as rows of a C table: { "libc", "the text" }.

embed-policies.py --list FOLDER         the names of the policies there, one a line
embed-policies.py OUT POLICY.strait...  the table
"""
import pathlib
import sys


def literal(line):
    """A line of text as a C string; three octal digits can't run into what follows."""
    return '"' + ''.join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f'\\{b:03o}'
                         for b in line) + '"'


def row(path):
    lines = path.read_bytes().splitlines(keepends=True)
    text = '\n'.join('\t  ' + literal(line) for line in lines) or '\t  ""'
    return f'\t{{ "{path.stem}",\n{text} }},\n'


def main(args):
    if args[0] == '--list':
        print('\n'.join(sorted(p.name for p in pathlib.Path(args[1]).glob('*.strait'))))
    else:
        paths = sorted(map(pathlib.Path, args[1:]), key=lambda p: p.stem)
        pathlib.Path(args[0]).write_text(''.join(map(row, paths)))


main(sys.argv[1:])
