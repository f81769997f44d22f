# SPDX-License-Identifier: BSD-2-Clause
"""Black-box tests of the command: run it, look at its exit code, stdout and stderr. TAP on stdout.

argv: the strait binary, the source folder. Each test file is a table of cases and ends with done().
"""
import os
import shutil
import subprocess
import sys
import tempfile

STRAIT, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
EXAMPLES = os.path.join(SOURCE, 'examples')
scratch = tempfile.mkdtemp(prefix='strait-test-')
_count = _failed = 0
# Without the variables that spare a shell to look up who its user is.
ENV = {k: v for k, v in os.environ.items() if k not in ('NO_COLOR', 'COLUMNS', 'SHELL', 'USER', 'LOGNAME')}
ENV['LC_ALL'] = 'C.UTF-8'
# Its run-time library maps memory and ptraces by itself, which a policy may not let it.
with open(STRAIT, 'rb') as _binary:
    SANITIZED = b'__asan_init' in _binary.read()


def ok(passed, name, detail=''):
    global _count, _failed
    _count += 1
    _failed += not passed
    print(f"{'ok' if passed else 'not ok'} {_count} - {name}", flush=True)
    if not passed:
        for line in str(detail).splitlines():
            print('# ' + line)
    return passed


def skip(why):
    global _count
    _count += 1
    print(f'ok {_count} # SKIP {why}')


def need(*programs):
    """The first of PROGRAMS that this machine lacks, or None."""
    return next((p for p in programs if not shutil.which(p, path='/usr/bin:/bin')), None)


def run(*args, stdin=b'', cwd=None, **kw):
    """Runs a command with bytes in and out; never raises for its exit code."""
    return subprocess.run(args, input=stdin, capture_output=True, cwd=cwd or scratch, env=ENV, timeout=120, **kw)


def strait(*args, **kw):
    return run(STRAIT, *args, **kw)


def show(result):
    return f'exit {result.returncode}\n{result.stdout.decode(errors="replace")}{result.stderr.decode(errors="replace")}'


def expect(name, result, code=0, out=None, err=None, not_err=None):
    """One test: the exit code and what stdout and stderr contain."""
    good = result.returncode == code
    for wanted, got in ((out, result.stdout), (err, result.stderr)):
        for text in [wanted] if isinstance(wanted, str) else wanted or []:
            good = good and text in got.decode(errors='replace')
    if not_err is not None:
        good = good and not_err not in result.stderr.decode(errors='replace')
    return ok(good, name, f'expected exit {code}, out {out!r}, err {err!r}; got {show(result)}')


def write(name, data):
    path = os.path.join(scratch, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb' if isinstance(data, bytes) else 'w') as f:
        f.write(data)
    return path


def done():
    shutil.rmtree(scratch, ignore_errors=True)
    print(f'1..{_count}')
    sys.exit(_failed != 0)
