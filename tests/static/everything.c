/* SPDX-License-Identifier: BSD-2-Clause */
/* Every function of static.h once, for test-compile.py: C99 and C++. Prints the filter. */
#include <strait/static.h>

static void calls(struct strait_static *f)
{
	strait_static_allow(f, 0);
	strait_static_log(f, 1);
	strait_static_errno(f, 2, EACCES);
	strait_static_trap(f, 3, 1);
	strait_static_trace(f, 4, 2);
	strait_static_notify(f, 5);
	strait_static_kill_process(f, 6);
	strait_static_kill_thread(f, 7);
	strait_static_answer(f, 8, SECCOMP_RET_ERRNO | EPERM);
	strait_static_if_call(f, 9, "nine");
	strait_static_label(f, "stop");
	strait_static_return(f, SECCOMP_RET_KILL_PROCESS);
}

static void arguments(struct strait_static *f)
{
	strait_static_label(f, "nine");
	strait_static_if(f, strait_arg32(0, STRAIT_EQ, (uint64_t)-100), "allow");
	strait_static_if(f, strait_arg64(1, STRAIT_NE, (uintptr_t)0), "allow");
	strait_static_unless(f, strait_arg64(2, STRAIT_LT, 4096), "allow");
	strait_static_unless(f, strait_arg64(3, STRAIT_GE, 4096), "allow");
	strait_static_if(f, strait_arg32(4, STRAIT_WITHIN, 3), "allow");
	strait_static_if(f, strait_masked32(5, 7, 1), "allow");
	strait_static_unless(f, strait_masked64(5, 7, 1), "allow");
	strait_static_if(f, strait_nr(STRAIT_GT, 100), "allow");
	strait_static_if(f, strait_nr(STRAIT_LE, 3), "allow");
	strait_static_jump(f, "refuse");
	strait_static_label(f, "allow");
	strait_static_return(f, SECCOMP_RET_ALLOW);
	strait_static_label(f, "refuse");
	strait_static_return(f, SECCOMP_RET_ERRNO | EPERM);
}

int main(int argc, char **argv)
{
	int error;

	STRAIT_STATIC(f, 128);

	strait_static_validate_arch(&f, SECCOMP_RET_KILL_PROCESS);
	calls(&f);
	arguments(&f);
	error = strait_static_resolve(&f);
	if (error == 0)
		error = strait_static_print(&f, stdout);
	if (error == 0 && argc == 2 && strcmp(argv[1], "write") == 0)
		error = strait_static_write(&f, STDERR_FILENO);
	if (error == 0 && argc == 2 && strcmp(argv[1], "install") == 0)
		error = strait_static_install(&f, 0);
	if (error == 0 && argc == 2 && strcmp(argv[1], "attach") == 0)
		error = strait_static_attach(&f, SECCOMP_FILTER_FLAG_TSYNC);
	if (error)
		fprintf(stderr, "%s\n", strait_static_explain(&f, error));
	return error != 0;
}
