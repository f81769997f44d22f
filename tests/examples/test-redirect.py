# SPDX-License-Identifier: BSD-2-Clause
"""examples/redirect.c: nothing reaches standard error, all of it standard output, in order."""
import re

from harness import SOURCE, STRAIT, done, ok, run, show

with open(SOURCE + '/examples/redirect.c') as f:
    shown = re.search(r'\$ \./redirect 2>/dev/null\n(.*?)\n \*\n', f.read(), re.S).group(1)
expected = re.sub(r'^ \* {5}', '', shown, flags=re.M) + '\n'

result = run(STRAIT)
ok(result.returncode == 0 and result.stderr == b'', 'standard error is empty', show(result))
ok(result.stdout.decode() == expected, 'standard output is what the comment shows', show(result))
result = run('sh', '-c', f'"{STRAIT}" 2>&-')
ok(result.stdout.decode() == expected, 'the same with standard error closed', show(result))
result = run('sh', '-c', f'"{STRAIT}" >&- 2>errors; echo $?; cat errors')
ok(result.stdout == b'1\n', 'with standard output closed, writes fail, and what is written comes out nowhere else', show(result))
done()
