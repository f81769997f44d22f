#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check-says.py ACTIONS.md TEST...: each sentence behind a dash in the text is a test's name, and each test is told there."""
import re
import subprocess
import sys

told = re.findall(r'(?m)^- (.*)$', open(sys.argv[1], encoding='utf-8').read())
shown = [line for test in sys.argv[2:]
         for line in subprocess.run([test, '--list'], capture_output=True, text=True, check=True).stdout.splitlines()]
wrong = [f'no test shows: {line}' for line in told if line not in shown]
wrong += [f'not told: {line}' for line in shown if line not in told]
wrong += [f'told twice: {line}' for line in set(told) if told.count(line) > 1]
print(*wrong, f'{len(shown)} statements', sep='\n')
sys.exit(bool(wrong))
