/* SPDX-License-Identifier: BSD-2-Clause */
/* See pool.h. Who has `leading` receives; it is let go of before anything slow. */
#include "notify/pool.h"

#include <errno.h>
#include <semaphore.h>

struct worker {
	struct notify_pool *pool;
	pthread_t thread;
	struct notify_request request;
	struct notify_ids own;
	struct notify_done done;
	int error; /* of its start */
};

struct notify_pool {
	struct notify_pool_options options;
	pthread_mutex_t leading;
	sem_t ready; /* posted by each worker that has started, or failed to */
	struct worker *workers;
	size_t len;
};

static void answer(struct worker *w, const struct rules_answer *a)
{
	const struct notify_pool_options *o = &w->pool->options;

	notify_act(o->answers, &w->request, a, &w->own, &w->done);
	if (o->told)
		o->told(o->user, &w->request, &w->done);
	notify_answer(&w->request, &w->done);
}

/* Receives, and answers what is quick, until a slow one is there (true) or there is no more. */
static bool lead(struct worker *w, const struct rules_answer **slow)
{
	const struct notify_pool_options *o = &w->pool->options;
	int r;

	while ((r = notify_receive(o->listener, &w->request, -1)) == NOTIFY_RECEIVED) {
		*slow = notify_answers_find(o->answers, &w->request.notif->data);
		if (notify_answer_is_slow(*slow))
			return true;
		answer(w, *slow);
	}
	/* Nobody may wait for ever because we can't receive. */
	if (r < 0)
		notify_abandon(o->listener);
	return false;
}

static void serve(struct worker *w)
{
	const struct rules_answer *slow;
	bool more = true;

	while (more) {
		pthread_mutex_lock(&w->pool->leading);
		more = lead(w, &slow);
		pthread_mutex_unlock(&w->pool->leading);
		if (more)
			answer(w, slow);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	w->error = notify_ids_init(&w->own);
	sem_post(&w->pool->ready);
	if (w->error == 0)
		serve(w);
	notify_ids_free(&w->own);
	return NULL;
}

static int start_one(struct notify_pool *pool)
{
	struct worker *w = &pool->workers[pool->len];
	int r = notify_request_init(&w->request, pool->options.listener);

	if (r < 0)
		return r;
	w->pool = pool;
	r = pthread_create(&w->thread, NULL, work, w);
	if (r) {
		notify_request_deinit(&w->request);
		return -r;
	}
	pool->len++;
	return 0;
}

/* The first error of any of them. */
static int await_start(struct notify_pool *pool)
{
	int r = 0;

	for (size_t i = 0; i < pool->len; i++)
		while (sem_wait(&pool->ready) < 0)
			;
	for (size_t i = 0; i < pool->len; i++)
		r = r ? r : pool->workers[i].error;
	return r;
}

int notify_pool_start(const struct notify_pool_options *options, struct notify_pool **out)
{
	struct notify_pool *pool = calloc(1, sizeof(*pool));
	int r = 0, started;

	if (!pool)
		return -ENOMEM;
	pool->options = *options;
	pthread_mutex_init(&pool->leading, NULL);
	sem_init(&pool->ready, 0, 0);
	pool->workers = calloc(options->workers, sizeof(*pool->workers));
	if (!pool->workers)
		r = -ENOMEM;
	while (r == 0 && pool->len < options->workers)
		r = start_one(pool);
	started = await_start(pool);
	r = r ? r : started;
	if (r == 0)
		*out = pool;
	else
		notify_pool_end(pool);
	return r;
}

void notify_pool_end(struct notify_pool *pool)
{
	notify_stop(pool->options.listener);
	for (size_t i = 0; i < pool->len; i++) {
		pthread_join(pool->workers[i].thread, NULL);
		notify_request_deinit(&pool->workers[i].request);
	}
	free(pool->workers);
	sem_destroy(&pool->ready);
	pthread_mutex_destroy(&pool->leading);
	free(pool);
}
