/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/proc.h"

#include <fcntl.h>
#include <string.h>

bool kernel_read_file(const char *path, char *text, size_t size)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return false;
	while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return n >= 0;
}

long kernel_line_number(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? strtol(line + strlen(name), NULL, 10) : -1;
}
