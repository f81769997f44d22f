/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/handles.h"

const char *strait_version(void)
{
	return STRAIT_VERSION;
}
