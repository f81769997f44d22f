#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check-tests.py ROOT: a test that Meson doesn't know never fails.

Every tests/FOLDER/test-NAME.c or .py must stand in that folder's meson.build, as the file or as 'NAME'; those of
tests/examples in examples/meson.build. Prints the forgotten ones and exits 1 if there is one.
"""
import sys
from pathlib import Path


def is_listed(path, root):
    folder = root / 'examples' if path.parent.name == 'examples' else path.parent
    text = (folder / 'meson.build').read_text()
    return f"'{path.name}'" in text or f"'{path.stem.removeprefix('test-')}'" in text


def main():
    root = Path(sys.argv[1])
    tests = sorted(p for p in (root / 'tests').glob('*/test-*') if p.suffix in ('.c', '.py'))
    forgotten = [p for p in tests if not is_listed(p, root)]
    for path in forgotten:
        print(f'{path.relative_to(root)} is in no meson.build')
    print(f'{len(tests)} tests, {len(forgotten)} forgotten')
    sys.exit(not tests or bool(forgotten))


main()
