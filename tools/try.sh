#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# try.sh BUILD: strait's main job before your eyes. Fails when something does not go as shown.
set -u
cd "$(dirname "$0")/.." || exit 1
strait=$1/cli/strait
policy=examples/python3.strait
# The system's own python3: what stands in front of it in PATH may be a script that starts others.
PATH=/usr/bin:/bin:$PATH

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR-}" ] || say() { printf '\n%s\n' "$*"; }
# expect CODE COMMAND...: shows the command, runs it and insists on its exit code.
expect() {
	wanted=$1
	shift
	printf '$ strait'
	printf ' %s' "$@"
	printf '\n'
	"$strait" "$@"
	got=$?
	if [ $got != "$wanted" ]; then
		echo "try: this was to exit with $wanted, not $got" >&2
		exit 1
	fi
	printf '(exit %d)\n' $got
}

say "A policy: what python3 may do while it runs a script. The rest fails with EPERM; these few end it."
cat $policy
say "It compiles to a filter of so many instructions:"
expect 0 check $policy
say "Under it a script computes and reads files as ever:"
expect 0 run -p $policy python3 -I -c 'print(sum(map(len, open("examples/python3.strait"))), "characters in its policy")'
say "A script that connects is stopped by the kernel, and you are told which call it was and which line stopped it:"
expect 159 run -p $policy python3 -I -c 'import socket; socket.create_connection(("127.0.0.1", 80))'
say "What would happen to a call can be asked without making it:"
expect 1 eval $policy 'openat(AT_FDCWD, 0, O_WRONLY|O_CREAT)'
