/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pool of threads that counts primes and confines itself: the threads are started first, because
 * starting is what they need most calls for; then one call with SECCOMP_FILTER_FLAG_TSYNC puts all
 * of them under one filter; and only then they get work.
 *
 *	thread-pool [THREADS]       4 if it isn't said
 *	thread-pool --odd [THREADS] one thread has put itself under a filter of its own before
 *
 * TSYNC works only where each thread's filters are a part of the caller's. Otherwise no thread is
 * changed, and the kernel says which one was in the way. A pool that is confined in part is not
 * confined: this one doesn't begin to work then.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include <strait/static.h>

#define CHUNK	10000
#define CHUNKS	20
#define THREADS 64

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned ready;	  /* threads that wait for work */
	bool confined;	  /* work may begin */
	bool given_up;	  /* or never will */
	unsigned next;	  /* chunk */
	unsigned primes;  /* found by all */
	unsigned stopped; /* threads that tried to open a file and could not */
};

struct worker {
	struct pool *pool;
	pthread_t thread;
	bool odd;
};

static unsigned count_primes(unsigned first, unsigned end)
{
	unsigned found = 0, divisor;

	for (unsigned n = first < 2 ? 2 : first; n < end; n++) {
		for (divisor = 2; divisor * divisor <= n && n % divisor; divisor++)
			;
		found += divisor * divisor > n;
	}
	return found;
}

/* What the odd thread brings along: harmless, but a filter that the others don't have. */
static void confine_alone(void)
{
	int error;

	STRAIT_STATIC(f, 16);

	strait_static_validate_arch(&f, SECCOMP_RET_KILL_PROCESS);
	strait_static_errno(&f, SYS_ptrace, EPERM);
	strait_static_return(&f, SECCOMP_RET_ALLOW);
	error = strait_static_install(&f, 0);
	if (error < 0)
		fprintf(stderr, "the odd thread: %s\n", strait_static_explain(&f, error));
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct pool *pool = worker->pool;
	int fd;

	if (worker->odd) {
		printf("thread %ld is the odd one\n", syscall(SYS_gettid));
		confine_alone();
	}
	pthread_mutex_lock(&pool->lock);
	pool->ready++;
	pthread_cond_broadcast(&pool->changed);
	while (!pool->confined && !pool->given_up)
		pthread_cond_wait(&pool->changed, &pool->lock);
	if (pool->confined) {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		pool->stopped += fd < 0 && errno == EACCES;
	}
	while (pool->confined && pool->next < CHUNKS) {
		unsigned first = CHUNK * pool->next++, found;

		pthread_mutex_unlock(&pool->lock);
		found = count_primes(first, first + CHUNK);
		pthread_mutex_lock(&pool->lock);
		pool->primes += found;
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* What threads need to take turns and to end; memory may come and go, files may not. */
static void build(struct strait_static *f)
{
	static const long allowed[] = {
#ifdef SYS_futex
		SYS_futex,
#endif
#ifdef SYS_futex_time64 /* on 32-bit machines, of which the newest have only this one */
		SYS_futex_time64,
#endif
		SYS_exit,	  SYS_exit_group,  SYS_write,	       SYS_munmap,
		SYS_madvise,	  SYS_sigaltstack, SYS_rt_sigprocmask, SYS_rt_sigreturn,
		SYS_sched_yield,  SYS_brk,
	};

	strait_static_validate_arch(f, SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		strait_static_allow(f, allowed[i]);
	strait_static_errno(f, SYS_openat, EACCES);
#ifdef SYS_open
	strait_static_errno(f, SYS_open, EACCES);
#endif
#ifdef SYS_mmap
	strait_static_if_call(f, SYS_mmap, "mapping");
#endif
#ifdef SYS_mmap2
	strait_static_if_call(f, SYS_mmap2, "mapping");
#endif
	strait_static_if_call(f, SYS_mprotect, "mapping");
	strait_static_return(f, SECCOMP_RET_KILL_PROCESS);
	/* Both have the protection third: nothing becomes executable. */
	strait_static_label(f, "mapping");
	strait_static_unless(f, strait_arg32(2, STRAIT_WITHIN, 3 /* PROT_READ | PROT_WRITE */),
			     "refuse");
	strait_static_return(f, SECCOMP_RET_ALLOW);
	strait_static_label(f, "refuse");
	strait_static_return(f, SECCOMP_RET_ERRNO | EACCES);
}

static bool confine(struct pool *pool, unsigned threads)
{
	int error;

	STRAIT_STATIC(f, 64);

	build(&f);
	/* A thread that is still starting could need what the filter takes away. */
	pthread_mutex_lock(&pool->lock);
	while (pool->ready < threads)
		pthread_cond_wait(&pool->changed, &pool->lock);
	error = strait_static_install(&f, SECCOMP_FILTER_FLAG_TSYNC);
	pool->confined = error == 0;
	pool->given_up = error != 0;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	if (error)
		fprintf(stderr, "thread-pool: not confined, so no work is done: %s\n",
			strait_static_explain(&f, error));
	return error == 0;
}

int main(int argc, char **argv)
{
	static char line[256];
	static struct worker workers[THREADS];
	static struct pool pool = { .lock = PTHREAD_MUTEX_INITIALIZER,
				    .changed = PTHREAD_COND_INITIALIZER };
	bool odd = argc > 1 && strcmp(argv[1], "--odd") == 0, confined;
	const char *number = argc > 1 + odd ? argv[1 + odd] : "4";
	unsigned threads = (unsigned)strtoul(number, NULL, 10), started = 0;

	if (argc > 2 + odd || threads < 1 || threads > THREADS) {
		fprintf(stderr, "usage: thread-pool [--odd] [THREADS, 1 to %d]\n", THREADS);
		return 2;
	}
	/* Left to itself, stdio asks for memory and for the kind of file with the first output. */
	setvbuf(stdout, line, _IOLBF, sizeof(line));
	for (; started < threads; started++) {
		workers[started] = (struct worker){ &pool, 0, odd && started == threads - 1 };
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
			break;
	}
	confined = started > 0 && confine(&pool, started);
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	if (!confined)
		return 1;
	printf("%u threads, %u of them confined: %u primes below %u\n", started, pool.stopped,
	       pool.primes, CHUNK * CHUNKS);
	/* Whatever else would happen at exit(3) is under the filter, too. */
	return (int)syscall(SYS_exit_group, pool.stopped == started ? 0 : 1);
}
