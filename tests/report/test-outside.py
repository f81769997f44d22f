# SPDX-License-Identifier: BSD-2-Clause
"""The reporter as people use it: the one C file in a program, the archive, and the library by LD_PRELOAD.

argv: the command, the source folder, strait-report.c, libstrait-report.a, libstrait-report.so.
"""
import os
import signal
import sys

from harness import SOURCE, STRAIT, done, need, ok, run, scratch, show, skip, write

ONE_FILE, ARCHIVE, PRELOAD = (os.path.abspath(p) for p in sys.argv[3:6])
SIGSYS = -signal.SIGSYS
LIBC32 = '/usr/include/x86_64-linux-gnu'

# It installs a filter that leaves it write, exit_group and, with an argument, rt_sigreturn; then it asks for its parent.
PROGRAM = r'''
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef WITH_REPORT
struct strait_sigsys_options;
int strait_report_install(const struct strait_sigsys_options *options);
#endif

#define ALLOW(nr) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_write),
		ALLOW(SYS_exit_group),
		ALLOW(argc > 1 ? SYS_rt_sigreturn : SYS_write),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(*filter), filter };

	(void)argv;
#ifdef WITH_REPORT
	if (strait_report_install(NULL))
		return 2;
#endif
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return 77;
	if (syscall(SYS_getppid) != -1)
		return 3;
	if (write(1, "still here\n", 11) != 11)
		return 4;
	_exit(0);
}
'''
program = write('program.c', PROGRAM)
LINE = b'strait: trapped getppid('


def compile_(output, *args, compiler=('gcc',)):
    return run(*compiler, '-O2', '-Wall', '-Wextra', '-Werror', *args, '-o', os.path.join(scratch, output))


def reported(name, result):
    ok(result.returncode == SIGSYS and result.stderr.startswith(LINE) and result.stderr.endswith(b')\n')
       and result.stderr.count(b'\n') == 1 and not result.stdout, name, show(result))


def preload(*args, answer=None):
    values = ['LD_PRELOAD=' + PRELOAD] + ([] if answer is None else ['STRAIT_REPORT_CONTINUE=' + answer])
    return run('env', *values, *args)


WAYS = [
    ('gcc', ('gcc',), []),
    ('gcc, no optimization', ('gcc',), ['-O0']),
    ('gcc, all its analysis of overflows', ('gcc',), ['-O3', '-D_FORTIFY_SOURCE=2', '-fstack-protector-all']),
    ('clang', ('clang',), []),
    ('a static program', ('gcc',), ['-static']),
    ('a 32-bit program', ('gcc',), ['-m32', '-static', '-I' + LIBC32]),
]


def one_file():
    for name, compiler, flags in WAYS:
        write('empty.c', '#include <stdio.h>\nint main(void) { return 0; }\n')
        if need(*compiler) or run(*compiler, *flags, 'empty.c', '-o', 'empty').returncode:
            skip(f'{name}: not here')
            continue
        result = compile_('one', '-std=gnu11', *flags, '-DWITH_REPORT', program, ONE_FILE, compiler=compiler)
        if ok(result.returncode == 0, f'one file, {name}: compiles without a warning', show(result)):
            reported(f'one file, {name}: reports', run(os.path.join(scratch, 'one')))
    with open(ONE_FILE) as f:
        text = f.read()
    for word in ('malloc(', 'printf(', '<stdio.h>', 'pthread_mutex', '"base/', '"arch/', 'include <strait/'):
        ok(word not in text, f'one file: no {word}')


def archive():
    symbols = run('nm', '-g', '--defined-only', ARCHIVE).stdout.decode().split()
    names = [s for s in symbols if s.startswith('strait') and not s.endswith((':', '.o'))]
    ok(names == ['strait_report_install'], 'the archive defines one name', names)
    result = compile_('linked', '-DWITH_REPORT', program, ARCHIVE)
    if b'__asan' in result.stderr or b'__ubsan' in result.stderr:
        skip('the archive is built with sanitizers')
    elif ok(result.returncode == 0, 'the archive links', show(result)):
        reported('the archive reports', run(os.path.join(scratch, 'linked')))


def preloaded():
    ok(compile_('plain', program).returncode == 0, 'a program that knows nothing of it')
    plain = os.path.join(scratch, 'plain')
    if run('nm', '-D', PRELOAD).stdout.find(b'__asan') >= 0:
        skip('the library is built with sanitizers, which must be loaded first')
        return
    reported('preloaded: a filter that is installed later', preload(plain))
    result = preload(plain, 'x', answer='EPERM')
    ok(result.returncode == 0 and result.stdout == b'still here\n' and
       result.stderr.startswith(LINE) and b': answered with EPERM (' in result.stderr,
       'preloaded: goes on with an errno by name', show(result))
    result = preload(plain, 'x', answer='38')
    ok(result.returncode == 0 and b': answered with ENOSYS (' in result.stderr, 'preloaded: by number', show(result))
    result = preload(plain, answer='EPERM')
    ok(result.returncode == SIGSYS and b'needs rt_sigreturn to go on' in result.stderr,
       'preloaded: without rt_sigreturn it says so and ends', show(result))
    for bad in ('EFOO', 'ENOSYSX', '0', '4096', '99999999999999999999', '-1', 'EFD_SEMAPHORE', '3x'):
        result = preload(plain, 'x', answer=bad)
        ok(result.returncode == SIGSYS and b'STRAIT_REPORT_CONTINUE is no errno' in result.stderr and
           LINE in result.stderr, f'preloaded: {bad} is no errno, and nothing goes on', show(result))
    result = preload(plain, answer='')
    reported('preloaded: an empty variable is none', result)
    if compile_('static', '-static', program).returncode == 0:
        result = preload(os.path.join(scratch, 'static'))
        ok(result.returncode == SIGSYS and not result.stderr, 'a static program loads nothing, so nothing is printed',
           show(result))
    under_strait()


def under_strait():
    """A filter that is there before the program is."""
    policy = write('p.strait', 'default trap\ninclude "libc"\nallow write\n')
    write('early.c', '#include <unistd.h>\nvoid early(void) {}\n'
          '__attribute__((constructor)) static void begin(void) { getppid(); }\n')
    write('late.c', 'void early(void);\nint main(void) { early(); return 0; }\n')
    built = run('gcc', '-shared', '-fPIC', 'early.c', '-o', 'libearly.so')
    built = built if built.returncode else run('gcc', 'late.c', '-L.', '-learly', '-Wl,-rpath,' + scratch, '-o', 'late')
    ok(built.returncode == 0, 'a program whose library has a constructor', show(built))
    late = os.path.join(scratch, 'late')
    result = run(STRAIT, 'run', '-p', policy, '--report', 'none', '--', 'env', 'LD_PRELOAD=' + PRELOAD, late)
    reported('strait run: a trapped call of another library\'s constructor', result)
    result = run(STRAIT, 'run', '-p', policy, '--', 'env', 'LD_PRELOAD=' + PRELOAD, late)
    ok(result.returncode == 128 + signal.SIGSYS and LINE in result.stderr and b'was stopped: getppid()' in result.stderr,
       'strait run: reports it as well, with the rule', show(result))


if need('gcc') or not os.path.exists('/usr/include/linux/seccomp.h'):
    skip('no C compiler')
elif compile_('can', program).returncode == 0 and run(os.path.join(scratch, 'can')).returncode == 77:
    skip('no filters on this kernel')
else:
    one_file()
    archive()
    preloaded()
done()
