/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing a file as a whole: beside its place first, then renamed into it. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0 or an errno. */
static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static int write_fd(int fd, const char *name, const char *bytes, size_t size, enum output_kind kind)
{
	int error;

	if (kind == OUTPUT_BINARY && isatty(fd)) {
		complain("a raw program is not written to a terminal; use `-o FILE` or a pipe");
		return EXIT_BAD;
	}
	error = write_all(fd, bytes, size);
	if (error)
		complain("can't write '%s': %s", name, strerror(error));
	return error ? EXIT_BAD : 0;
}

/* The mode that a new file has, or keeps where it replaces one. */
static mode_t file_mode(const char *path)
{
	struct stat st;
	mode_t mask;

	if (stat(path, &st) == 0)
		return st.st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int replace(const char *path, const char *bytes, size_t size)
{
	size_t room = strlen(path) + sizeof(".XXXXXX");
	AUTO(string) char *temp = need_memory(room, 1);
	int fd, error;

	snprintf(temp, room, "%s.XXXXXX", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		complain("can't write '%s': %s", path, strerror(errno));
		return EXIT_BAD;
	}
	error = write_all(fd, bytes, size);
	if (!error && fchmod(fd, file_mode(path)) != 0)
		error = errno;
	if (close(fd) != 0 && !error)
		error = errno;
	if (!error && rename(temp, path) != 0)
		error = errno;
	if (!error)
		return 0;
	unlink(temp);
	complain("can't write '%s': %s", path, strerror(error));
	return EXIT_BAD;
}

/* Devices, pipes and directories can't be replaced: they are opened, or say why not. */
static int write_special(const char *path, const char *bytes, size_t size, enum output_kind kind)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), error;

	if (fd < 0) {
		complain("can't write '%s': %s", path, strerror(errno));
		return EXIT_BAD;
	}
	error = write_fd(fd, path, bytes, size, kind);
	close(fd);
	return error;
}

int output_write(const char *path, const char *bytes, size_t size, enum output_kind kind)
{
	AUTO(string) char *real = NULL;
	struct stat st;

	if (!path || strcmp(path, "-") == 0) {
		fflush(stdout);
		return write_fd(STDOUT_FILENO, "standard output", bytes, size, kind);
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_special(path, bytes, size, kind);
	/* A symbolic link stays one: what it points to is replaced. */
	real = realpath(path, NULL);
	return replace(real ? real : path, bytes, size);
}

int output_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0)
		complain("can't write '%s': %s", path, strerror(errno));
	return fd;
}

void output_block(int fd, FILE *block, char **text, const size_t *size)
{
	size_t done = 0;
	ssize_t n = 0;

	if (fclose(block) != 0)
		return;
	while (done < *size && n >= 0) {
		n = write(fd, *text + done, *size - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 0;
	}
}
