/* SPDX-License-Identifier: BSD-2-Clause */
/* See answers.h. Whatever goes wrong on the way is the call's failure. */
#include "notify/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "notify/memory.h"

/* One answer's files, in the order it names them. */
struct files {
	const struct rules_answer *answer;
	struct notify_place *places; /* open_beneath */
	struct notify_node *nodes;   /* make_node */
};

struct notify_answers {
	const struct rules *rules;
	struct files *files;
	size_t len, room;
	unsigned need;
};

/* ---- making them ---- */

static void files_free(struct files *f)
{
	for (size_t i = 0; f->places && i < f->answer->npaths; i++)
		notify_place_free(&f->places[i]);
	free(f->places);
	free(f->nodes);
}

static void report_file(struct diags *diags, const struct rules_answer *a, const char *path, int r)
{
	diag_add(diags, DIAG_ANSWER_FILE, a->span, "'%s' can't be used: %s", path,
		 r == -ENODEV	? "it is no device"
		 : r == -ENOSYS ? "this kernel has no openat2(2)"
				: strerror(-r));
}

static int find_files(const struct notify_view *own, const struct rules_answer *a, struct files *f,
		      struct diags *diags)
{
	bool opens = a->kind == RULES_ANSWER_OPEN_BENEATH;
	int r = 0;

	*f = (struct files){ .answer = a };
	if (opens)
		f->places = calloc(a->npaths, sizeof(*f->places));
	else
		f->nodes = calloc(a->npaths, sizeof(*f->nodes));
	if (!f->places && !f->nodes)
		return -ENOMEM;
	/* What isn't reached is to be freed all the same. */
	for (size_t i = 0; opens && i < a->npaths; i++)
		f->places[i].dir = -1;
	for (size_t i = 0; i < a->npaths && r != -ENOMEM; i++) {
		if (opens)
			r = notify_place_find(own, a->paths[i], &f->places[i]);
		else
			r = notify_node_find(a->paths[i], &f->nodes[i]);
		if (r < 0 && r != -ENOMEM)
			report_file(diags, a, a->paths[i], r);
	}
	return r == -ENOMEM ? r : 0;
}

static const struct files *files_of(const struct notify_answers *answers,
				    const struct rules_answer *a)
{
	for (size_t i = 0; i < answers->len; i++)
		if (answers->files[i].answer == a)
			return &answers->files[i];
	return NULL;
}

static int add_files(struct notify_answers *answers, const struct notify_view *own,
		     const struct rules_answer *a, struct diags *diags)
{
	struct files *more;

	if (!a->npaths || files_of(answers, a))
		return 0;
	if (a->kind == RULES_ANSWER_OPEN_BENEATH)
		answers->need |= NOTIFY_ADDFD;
	if (answers->len == answers->room) {
		answers->room = answers->room ? 2 * answers->room : 8;
		more = realloc(answers->files, answers->room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		answers->files = more;
	}
	return find_files(own, a, &answers->files[answers->len++], diags);
}

static int add_answer(struct notify_answers *answers, const struct notify_view *own, uint32_t ret,
		      struct span span, const struct rules_answer *a, struct diags *diags)
{
	if ((ret & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_USER_NOTIF)
		return 0;
	if (a)
		return add_files(answers, own, a, diags);
	diag_add(diags, DIAG_NO_ANSWER, span,
		 "nothing says what the supervisor answers: notify CALL => ANSWER");
	return 0;
}

/* The same rule makes an entry for each of its calls. */
static bool is_repeated(const struct rules_abi *abi, size_t i)
{
	const struct rules_entry *a = &abi->entries[i], *b = a - 1;

	return i > 0 && a->span.file == b->span.file && a->span.begin == b->span.begin &&
	       a->ret == b->ret && a->answer == b->answer;
}

static int add_all(struct notify_answers *answers, const struct notify_view *own,
		   struct diags *diags)
{
	const struct rules *rules = answers->rules;
	int r = add_answer(answers, own, rules->otherwise, rules->otherwise_span,
			   rules->otherwise_answer, diags);

	if (r == 0)
		r = add_answer(answers, own, rules->foreign, rules->foreign_span,
			       rules->foreign_answer, diags);
	for (size_t i = 0; i < rules->len; i++)
		for (size_t k = 0; k < rules->abis[i].len && r == 0; k++) {
			const struct rules_entry *e = &rules->abis[i].entries[k];

			if (!is_repeated(&rules->abis[i], k))
				r = add_answer(answers, own, e->ret, e->span, e->answer, diags);
		}
	return r;
}

int notify_answers_new(const struct rules *rules, struct diags *diags, struct notify_answers **out)
{
	struct notify_answers *answers = calloc(1, sizeof(*answers));
	struct notify_view own;
	size_t errors = diags->errors;
	int r = answers ? notify_view_own(&own) : -ENOMEM;

	if (r == 0) {
		answers->rules = rules;
		r = add_all(answers, &own, diags);
		notify_view_close(&own);
	}
	if (r == 0 && diags->errors > errors)
		r = -EINVAL;
	if (r == 0)
		*out = answers;
	else
		notify_answers_free(answers);
	return r;
}

void notify_answers_free(struct notify_answers *answers)
{
	if (!answers)
		return;
	for (size_t i = 0; i < answers->len; i++)
		files_free(&answers->files[i]);
	free(answers->files);
	free(answers);
}

unsigned notify_answers_need(const struct notify_answers *answers)
{
	return answers->need;
}

const struct rules_answer *notify_answers_find(const struct notify_answers *answers,
					       const struct seccomp_data *data)
{
	return rules_eval(answers->rules, data).answer;
}

bool notify_answer_is_slow(const struct rules_answer *answer)
{
	return answer && answer->npaths;
}

/* ---- carrying them out ---- */

/* A call about a file, and how it names it. */
struct job {
	const struct notify_answers *answers;
	const struct notify_request *request;
	const struct notify_ids *own;
	struct notify_done *done;
	struct notify_caller caller;
	struct notify_view view;
};

/* How these calls have their arguments: the registers' indexes; -1: the call hasn't it. */
static const struct signature {
	const char *name;
	int dirfd, path, flags, mode, dev;
} signatures[] = {
	{ "open", -1, 0, 1, 2, -1 },  { "openat", 0, 1, 2, 3, -1 },  { "creat", -1, 0, -1, 1, -1 },
	{ "mknod", -1, 0, -1, 1, 2 }, { "mknodat", 0, 1, -1, 2, 3 },
};

static const struct signature *signature_of(const struct seccomp_data *data)
{
	const struct arch *arch = arch_of_call(data->arch, (uint32_t)data->nr);
	const struct arch_syscall *call =
		arch ? arch_syscall_by_nr(arch, (uint32_t)data->nr) : NULL;

	for (size_t i = 0; call && i < ARRAY_LEN(signatures); i++)
		if (strcmp(call->name, signatures[i].name) == 0)
			return &signatures[i];
	return NULL;
}

/* Finds out who asks for what, from where. 0 or -errno. */
static int job_begin(struct job *j, const struct signature *s)
{
	const __u64 *args = j->request->notif->data.args;
	int dirfd = s->dirfd < 0 ? AT_FDCWD : (int)args[s->dirfd];
	ssize_t len =
		notify_read_string(j->request, args[s->path], j->done->path, sizeof(j->done->path));
	int r;

	if (len < 0)
		return (int)len;
	j->done->has_path = true;
	r = notify_caller_read(j->request, &j->caller);
	if (r < 0)
		return r;
	r = notify_view_open(&j->view, j->request, &j->caller, j->done->path, dirfd);
	if (r < 0)
		notify_caller_free(&j->caller);
	return r;
}

static void job_end(struct job *j)
{
	notify_view_close(&j->view);
	notify_caller_free(&j->caller);
}

static int open_beneath(struct job *j, const struct signature *s)
{
	const struct files *files = files_of(j->answers, j->done->answer);
	const __u64 *args = j->request->notif->data.args;
	struct notify_open asked = {
		.path = j->done->path,
		.flags = s->flags < 0 ? O_CREAT | O_WRONLY | O_TRUNC : (unsigned)args[s->flags],
		.mode = (mode_t)args[s->mode],
	};
	AUTO(close_fd) int fd = -1;
	int r = notify_act_for(j->own, &j->caller, 0);

	if (r < 0)
		return r;
	fd = notify_open_beneath(&j->view, files->places, files->answer->npaths, &asked);
	notify_act_for_self(j->own, &j->caller);
	return fd < 0 ? fd : notify_hand_over_fd(j->request, &fd, asked.flags & O_CLOEXEC);
}

static bool is_wanted(const struct files *files, mode_t mode, uint32_t rdev)
{
	for (size_t i = 0; i < files->answer->npaths; i++)
		if (files->nodes[i].type && files->nodes[i].type == (mode & S_IFMT) &&
		    files->nodes[i].rdev == rdev)
			return true;
	return false;
}

static int make_node(struct job *j, const struct signature *s)
{
	const __u64 *args = j->request->notif->data.args;
	mode_t mode = (mode_t)args[s->mode] & 0xffff; /* umode_t */
	uint32_t rdev = (uint32_t)args[s->dev];
	int r;

	if (!is_wanted(files_of(j->answers, j->done->answer), mode, rdev))
		return -EPERM;
	r = notify_act_for(j->own, &j->caller, UINT64_C(1) << CAP_MKNOD);
	if (r < 0)
		return r;
	r = notify_make_node(&j->view, j->done->path, mode, rdev);
	notify_act_for_self(j->own, &j->caller);
	return r < 0 ? r : notify_return(j->request, 0);
}

/* 0: it was answered; -errno: it wasn't, and that is the answer. */
static int act_on_file(struct job *j)
{
	const struct signature *s = signature_of(&j->request->notif->data);
	int r = s ? job_begin(j, s) : -ENOSYS;

	if (r < 0)
		return r;
	if (j->done->answer->kind == RULES_ANSWER_OPEN_BENEATH)
		r = open_beneath(j, s);
	else
		r = make_node(j, s);
	job_end(j);
	return r;
}

void notify_act(const struct notify_answers *answers, const struct notify_request *r,
		const struct rules_answer *answer, const struct notify_ids *own,
		struct notify_done *done)
{
	struct job job = { .answers = answers, .request = r, .own = own, .done = done };

	done->answer = answer;
	done->error = 0;
	done->is_answered = false;
	done->has_path = false;
	if (!answer) {
		done->error = ENOSYS;
	} else if (answer->kind == RULES_ANSWER_ERRNO) {
		done->error = (int)answer->value;
	} else if (answer->npaths) {
		done->error = -act_on_file(&job);
		done->is_answered = done->error == 0;
	}
}

void notify_answer(const struct notify_request *r, const struct notify_done *done)
{
	/* Where the caller is gone there is nothing to be done. */
	if (done->is_answered)
		return;
	if (done->error)
		(void)!notify_fail(r, done->error);
	else if (done->answer->kind == RULES_ANSWER_CONTINUE)
		(void)!notify_continue(r);
	else
		(void)!notify_return(r, done->answer->value);
}
