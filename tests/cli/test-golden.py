#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Golden pairs in tests/golden: what the command makes of a file, to the letter.

    NAME.strait + NAME.asm     strait compile -f asm
    NAME.strait + NAME.bpf     strait compile -f raw
    err-NAME.strait + .err     strait check: all diagnostics
    err-NAME.asm + .err        strait asm
    err-NAME.bpf + .err        strait eval, as a filter

A first line `# golden: COMMAND ARG... FILE ...` (`;` for `#` in assembler text) names another command. err- files are
run in tests/golden, so that diagnostics name plain files; they exit with 2 where an error is told, else with 0.

After a change that is meant: tests/cli/test-golden.py BUILD/cli/strait . --update, and read the diff.

Every code of src/base/diag-codes.def stands in a golden .err, or in ELSEWHERE with the test that raises it.
"""
import re
import shlex
import sys
from pathlib import Path

from harness import SOURCE, ok, done, show, strait

GOLDEN = Path(SOURCE) / 'tests' / 'golden'
UPDATE = '--update' in sys.argv
# What no small text can raise: too large, a matter of files, or of running a program.
ELSEWHERE = {
    'P001': 'tests/cli/test-bad-input.py',
    'P008': 'tests/policy/test-parse.c',
    'P032': 'tests/policy/test-include.c',
    'P033': 'tests/policy/test-include.c',
    'A010': 'tests/cbpf/test-asm.c',
    'K001': 'tests/cli/test-learn.py',
    'K002': 'tests/cli/test-learn.py',
    'K003': 'tests/cli/test-learn.py',
    'F001': 'tests/api/test-api.c',
    'F003': 'tests/cli/test-bad-input.py',
    'F006': 'tests/cli/test-bad-input.py',
    'F008': 'tests/api/test-verdict.c',
    'F009': 'tests/api/test-compare.c',
    'F010': 'tests/api/test-compare.c',
    'F011': 'tests/cli/test-explain.py',
    'L051': 'tests/cli/test-lint.py',
    'N005': 'tests/cli/test-supervise.py',
    'N006': 'tests/notify/test-answers.c',
    'N007': 'tests/api/test-supervisor.c',
    'N008': 'tests/notify/test-answers.c',
    'D001': 'tests/cli/test-decompile.py',
    'R001': 'tests/cli/test-bad-input.py',
    'R002': 'tests/cli/test-bad-input.py',
    'R003': 'tests/cli/test-bad-input.py',
    'R004': 'tests/cli/test-bad-input.py',
    'R005': 'tests/cli/test-bad-input.py',
    'R006': 'tests/api/test-memory.c',
    'R007': 'tests/cli/test-dump.py',
    'T001': 'tests/api/test-trap.c',
}
COMMANDS = {
    '.strait': ['check', 'FILE'],
    '.asm': ['asm', '-o', '/dev/null', 'FILE'],
    '.bpf': ['eval', '--order=little', 'FILE', 'arch=x86_64 read(0)'],
}


def command_of(path):
    """The arguments that a file asks for."""
    first = path.read_bytes().split(b'\n', 1)[0]
    asked = re.match(rb'[#;] golden: (.*)', first)
    words = shlex.split(asked.group(1).decode()) if asked else COMMANDS[path.suffix]
    return [path.name if word == 'FILE' else word for word in words]


def compare(path, got, name):
    """One test: GOT is what PATH holds; or PATH is made to hold it."""
    if UPDATE:
        path.write_bytes(got)
    wanted = path.read_bytes() if path.exists() else b''
    ok(path.exists() and wanted == got, name, f'--- {path.name}\n{wanted.decode(errors="replace")}+++ got\n'
       f'{got.decode(errors="replace")}')


def test_program(path, form):
    result = strait('compile', '-f', form, '-o', '-', path.name, cwd=GOLDEN)
    if ok(result.returncode == 0, f'{path.name} compiles', show(result)):
        compare(path.with_suffix({'asm': '.asm', 'raw': '.bpf'}[form]), result.stdout, f'{path.name} as {form}')


def test_errors(path):
    result = strait(*command_of(path), cwd=GOLDEN)
    compare(path.with_suffix('.err'), result.stderr, f'{path.name}: its diagnostics')
    wanted = 2 if b'error[' in result.stderr else 0
    ok(result.returncode == wanted, f'{path.name} exits with {wanted}', show(result))


def test_codes():
    """Each code is shown by a golden pair of its name, or raised by the test that is named for it."""
    table = (Path(SOURCE) / 'src/base/diag-codes.def').read_text()
    codes = re.findall(r'^DIAG\((\w+), "(\w+)"', table, re.M)
    shown = set()
    for path in GOLDEN.glob('err-*.err'):
        shown.update(re.findall(r'(?:error|warning|note)\[(\w+)\]', path.read_text()))
    for name, code in codes:
        if code in shown:
            ok(code not in ELSEWHERE, f'{code} is shown by a golden pair')
            continue
        test = Path(SOURCE) / ELSEWHERE.get(code, 'tests/golden')
        text = test.read_text() if test.is_file() else ''
        ok(code in text or f'DIAG_{name}' in text, f'{code} is raised by {test.name}')
    ok(set(ELSEWHERE) | shown <= {code for _, code in codes}, 'no other code is shown or listed')


policies = sorted(p for p in GOLDEN.glob('*.strait') if not p.name.startswith('err-'))
for policy in policies:
    forms = [form for form, suffix in (('asm', '.asm'), ('raw', '.bpf')) if policy.with_suffix(suffix).exists()]
    for form in forms or ['asm']:
        test_program(policy, form)
errors = sorted(p for p in GOLDEN.glob('err-*') if p.suffix in COMMANDS)
for broken in errors:
    test_errors(broken)
ok(len(policies) > 5 and len(errors) > 50, 'the pairs are there')
test_codes()
done()
