#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check-layers.py ROOT: the ranks of src/, enforced.

A folder of src/ includes itself and strictly lower ranks; a .c file includes its own header first when it has one;
the command and the examples include only <strait/...> and system headers; public headers include only each other.
Prints every breach as file:line and exits 1 if there is one.
"""
import re
import sys
from pathlib import Path

RANKS = [
    ['base'], ['arch'], ['cbpf'], ['rules'],
    ['policy', 'formats', 'compile', 'prove', 'kernel', 'engine', 'trap', 'records'],
    ['trace', 'record', 'emulate', 'notify', 'lint', 'merge', 'cost', 'decompile', 'report'],
    ['api'],
]
RANK = {folder: rank for rank, folders in enumerate(RANKS) for folder in folders}
INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)[>"]')
FUNCTION_FILES = ('.c', '.h', '.inc', '.def')


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def check_src(path, src):
    """Breaches in one file of src/FOLDER/."""
    folder = path.relative_to(src).parts[0]
    if folder not in RANK:
        yield 1, f'src/{folder} has no rank'
        return
    own = f'{folder}/{path.stem}.h'
    first = True
    for number, quoted, name in includes(path):
        if not quoted:
            if name.startswith('strait/') and folder not in ('api', 'report'):
                yield number, f'only api/ and report/ see <{name}>'
            continue
        parts = name.split('/')
        other = parts[0]
        if first and path.suffix == '.c' and (src / own).exists() and name != own:
            yield number, f'"{own}" comes first'
        first = False
        if len(parts) < 2 or other not in RANK:
            yield number, f'"{name}" is not "folder/file"'
        elif other != folder and RANK[other] >= RANK[folder]:
            yield number, f'{folder}/ may not include {other}/'


def check_outer(path, public):
    """Breaches in a file that may see only the public headers (and, if it is no public header, its siblings)."""
    for number, quoted, name in includes(path):
        if quoted and (public or '/' in name):
            yield number, f'"{name}": only <strait/...> here'
        elif not quoted and not name.startswith('strait/') and (path.parent.parent / 'src' / name).exists():
            yield number, f'<{name}> is internal'


def main():
    root = Path(sys.argv[1])
    src = root / 'src'
    breaches = files = 0
    jobs = [(p, check_src(p, src)) for p in sorted(src.rglob('*')) if p.suffix in FUNCTION_FILES]
    jobs += [(p, check_outer(p, True)) for p in sorted((root / 'include').rglob('*.h'))]
    jobs += [(p, check_outer(p, False)) for d in ('cli', 'examples') for p in sorted((root / d).rglob('*.[ch]'))]
    for path, found in jobs:
        files += 1
        for number, text in found:
            print(f'{path.relative_to(root)}:{number}: {text}')
            breaches += 1
    if not files:
        sys.exit(f'no sources under {root}')
    print(f'{files} files, {breaches} breaches')
    sys.exit(breaches > 0)


main()
