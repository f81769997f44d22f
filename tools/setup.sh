#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# setup.sh [build] [check] [ci]: installs the packages that are missing for each purpose. Through apt-get, with sudo
# where we are not root; where there is no apt-get it prints the packages and stops. What is there already is not touched,
# so a second run needs no network.
set -eu

# A line each: purpose, package, a file or (without a slash) a command that shows it is installed.
needs() {
	cat <<-'END'
	build meson meson
	build ninja-build ninja
	build gcc gcc
	build libc6-dev /usr/include/stdio.h
	build linux-libc-dev /usr/include/linux/seccomp.h
	build binutils objcopy
	build python3 python3
	build scdoc scdoc
	check git git
	check tar tar
	ci clang clang
	ci clang-format clang-format
	ci clang-tidy clang-tidy
	ci libclang-rt-14-dev /usr/lib/llvm-14/lib/clang/14*/lib/linux/libclang_rt.fuzzer-x86_64.a
	ci valgrind valgrind
	ci linux-libc-dev-i386-cross /usr/i686-linux-gnu/include/linux/version.h
	ci linux-libc-dev-armhf-cross /usr/arm-linux-gnueabihf/include/linux/version.h
	ci linux-libc-dev-arm64-cross /usr/aarch64-linux-gnu/include/linux/version.h
	ci linux-libc-dev-riscv64-cross /usr/riscv64-linux-gnu/include/linux/version.h
	ci linux-libc-dev-m68k-cross /usr/m68k-linux-gnu/include/linux/version.h
	ci linux-libc-dev-mips-cross /usr/mips-linux-gnu/include/linux/version.h
	ci linux-libc-dev-hppa-cross /usr/hppa-linux-gnu/include/linux/version.h
	ci linux-libc-dev-powerpc-cross /usr/powerpc-linux-gnu/include/linux/version.h
	ci linux-libc-dev-s390x-cross /usr/s390x-linux-gnu/include/linux/version.h
	ci linux-libc-dev-sh4-cross /usr/sh4-linux-gnu/include/linux/version.h
	END
}

missing=
for purpose; do
	packages=$(needs | while read -r p package sign; do
		[ "$p" = "$purpose" ] || continue
		case $sign in
		/*) ls $sign >/dev/null 2>&1 || echo "$package" ;;
		*) command -v "$sign" >/dev/null || echo "$package" ;;
		esac
	done)
	missing="$missing $packages"
done
missing=$(echo $missing)
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "strait: please install: $missing" >&2
	exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "strait: not root and no sudo; please install: $missing" >&2
		exit 1
	fi
	sudo=sudo
fi
echo "strait: installing $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$log" 2>&1
}
# The package lists may be old or absent: one try without, one with an update.
install || { $sudo apt-get update >"$log" 2>&1 && install; } || {
	tail -5 "$log" >&2
	echo "strait: apt-get could not install: $missing" >&2
	exit 1
}
