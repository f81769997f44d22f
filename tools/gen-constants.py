#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes src/arch/tables/constants.inc: the integer constants of the uapi headers on every ABI.

For each column of the number table it preprocesses constants-headers.h and extra-constants.csv against that
architecture's headers, compiles one `const long long` per macro and enumerator with clang for a target with the
ABI's data model (an ioctl number has the size of its structure in it), and reads the values from the LLVM text.
What isn't an integer constant there doesn't compile and is dropped.

Headers: Debian's linux-libc-dev-ARCH-cross. Debian 12 has none for loongarch64, whose uapi is asm-generic but for
structures of the machine: riscv64's stand in, which are asm-generic too. clang knows no parisc, sh and 31-bit s390: a
target with the same byte order and the same size and alignment of integers stands in, under the macros of the ABI.

With --check it writes nothing, fails if the committed file differs from what it would write, and exits with 77
("skipped") where clang or the headers that the file was made from are missing.
"""

import csv
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(__file__).resolve().parent
OUTPUT = TOOLS.parent / "src" / "arch" / "tables" / "constants.inc"
CLANG = "clang"
SKIPPED = 77

X86, MIPS, HPPA, PPC = "i686-linux-gnu", "mips-linux-gnu", "hppa-linux-gnu", "powerpc-linux-gnu"
RISCV, S390, SH = "riscv64-linux-gnu", "s390x-linux-gnu", "sh4-linux-gnu"
# An ABI of mips is chosen by _MIPS_SIM, which clang sets. What stands in for another machine loses its own macros.
AS_SH = ["-U__i386__", "-Ui386", "-D__sh__", "-D__SH4__", "-D__LITTLE_ENDIAN__"]
NOT_MIPS = ["-U__mips__", "-U__mips", "-Umips", "-U_mips"]
# column, directory of headers, clang target, further options; in the order of enum arch_column.
COLUMNS = [
    ("i386", X86, "i386-linux-gnu", []),
    ("x86_64", X86, "x86_64-linux-gnu", []),
    ("x32", X86, "x86_64-linux-gnux32", []),
    ("arm", "arm-linux-gnueabihf", "arm-linux-gnueabihf", []),
    ("aarch64", "aarch64-linux-gnu", "aarch64-linux-gnu", []),
    ("loongarch64", RISCV, "riscv64-linux-gnu", ["-U__riscv", "-D__loongarch64", "-D__loongarch__"]),
    ("m68k", "m68k-linux-gnu", "m68k-linux-gnu", []),
    ("mips", MIPS, "mips-linux-gnu", []),
    ("mips64", MIPS, "mips64-linux-gnuabi64", []),
    ("mips64n32", MIPS, "mips64-linux-gnuabin32", []),
    ("parisc", HPPA, "mips-linux-gnu", [*NOT_MIPS, "-D__hppa__"]),
    ("parisc64", HPPA, "mips64-linux-gnuabi64", [*NOT_MIPS, "-D__hppa__"]),
    ("ppc", PPC, "powerpc-linux-gnu", []),
    ("ppc64", PPC, "powerpc64-linux-gnu", []),
    ("riscv64", RISCV, "riscv64-linux-gnu", []),
    ("s390", S390, "mips-linux-gnu", [*NOT_MIPS, "-D__s390__"]),
    ("s390x", S390, "s390x-linux-gnu", []),
    ("sh", SH, "i386-linux-gnu", AS_SH),
]
# Made by the machine that riscv64's headers are of, not by asm-generic.
NOT_LOONGARCH = re.compile(r"KVM_REG_RISCV|KVM_RISCV|RISCV|PTRACE_GETFDPIC")
# Other names of an errno or a signal: a number is printed by the name that isn't here.
SECOND_NAMES = {"EWOULDBLOCK", "EDEADLOCK", "ENOTSUP", "ECANCELLED", "EREFUSED", "SIGIOT", "SIGPOLL", "SIGCLD", "SIGUNUSED"}
# SIGSTKSZ, SIGRTMIN: not the name of one signal.
NOT_SIGNALS = {"SIGSTKSZ", "SIGRTMIN", "SIGRTMAX", "SIGSWI", "SIGLOST"}
NAME = re.compile(r"[A-Z][A-Za-z0-9_]*")
# Neither guards and limits of the compiler, nor what only goes through netlink, structures or hardware: no test of a
# system call's arguments is about them.
NOISE = re.compile(
    r"_H$|_H_|^(LINUX_VERSION|KERNEL_VERSION|UINT|INT\d|INTPTR|INTMAX|BITS_PER_LONG|WCHAR|LINUX_MIB|UAPI)"
    r"|^(KEY_(?!SPEC_)|AUDIT_(?!ARCH_)|ETH_(?!P_)|ETHTOOL_(?![GS])|KVM_(REG|CAP|HC|FEATURE|EXIT|X86|PV|ARM|PPC|S390|MSR)_)"
    r"|^(BTN|ABS|REL|SW|LED|MSC|SYN|BUS|FF|IFLA|TCA|USB|VERR|VINF|IW|X86|ADVERTISED|SUPPORTED|HWCAP2?|DTV|FE|BRIDGE)_"
    r"|^(MDBA?|NT|XFRMA?|K|WIN|SETFEATURES|VMMDEV|VMMDEVREQ|MEDIA|RTNLGRP|RTM|RTA|RTAX|RTPROT|TLS|PSCI|TIPC|DEVCONF)_"
    r"|^(ARPHRD|ICMPV6|MGSL|PSR|PORT|NF|DT|COUNTER|SEV|NL|NETLINK|IFA|IPV4|CAPI|CAN|J1939|FUSE|ATMLEC|BTRFS_(?!IOC))_"
    r"|^(VHOST_F|VIRTIO|RDS|PACKET|LIRC|FB|MT|HID|ASYNCB?|SCM_TS|SOF|DVD|GPCMD|SYS|IPMI|NBD_ATTR|SC|RFKILL|N|DM_NAME)_"
)


# The C library's headers that a few uapi headers include.
LIBC = {
    "sys/socket.h": "#include <linux/socket.h>\ntypedef __kernel_sa_family_t sa_family_t;\n"
    "struct sockaddr { sa_family_t sa_family; char sa_data[14]; };\n",
    "sys/time.h": "#include <linux/time.h>\n",
    "sys/ioctl.h": "#include <linux/ioctl.h>\n",
    "sys/types.h": "#include <linux/types.h>\n",
    "unistd.h": "",
}


def run(target, directory, options, source, *actions, check=True):
    """clang's output for SOURCE with an ABI's headers."""
    builtin = subprocess.run([CLANG, "-print-resource-dir"], capture_output=True, text=True, check=True).stdout.strip()
    command = [CLANG, f"--target={target}", "-ffreestanding", "-nostdinc", "-w", "-ferror-limit=0", *options]
    # The kernel's headers last: a cross C library may lie among them.
    command += [f"-I{TOOLS}", "-isystem", source.parent / "libc", "-isystem", f"{builtin}/include"]
    command += ["-isystem", f"/usr/{directory}/include", *actions, source]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and result.returncode:
        sys.exit(result.stderr[:2000])
    return result


def extras(column):
    """C text that defines what the uapi headers don't."""
    with open(TOOLS / "extra-constants.csv", newline="", encoding="ascii") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")][1:]
    # A row for some columns comes before the one for all, and a header's own definition before either.
    rows = [row for row in rows if column in row[1].split()] + [row for row in rows if row[1] == "*"]
    return "".join(f"#ifndef {name}\n#define {name} ({value})\n#endif\n" for name, _, value in rows)


def names_in(target, directory, options, source):
    """The macros and enumerators that might be constants."""
    macros = run(target, directory, options, source, "-E", "-dM").stdout
    plain = run(target, directory, options, source, "-E", "-P").stdout
    names = set(re.findall(r"^#define (\w+) .", macros, re.M))
    for body in re.findall(r"\benum\b[^{};]*\{([^}]*)\}", plain):
        names.update(re.findall(r"(?:^|,)\s*(\w+)", body))
    return {name for name in names if NAME.fullmatch(name) and not NOISE.search(name)}


def values_on(column, directory, target, options, temp):
    """{name: value} of every integer constant of an ABI."""
    source = temp / f"{column}.c"
    head = f'#include "constants-headers.h"\n{extras(column)}'
    source.write_text(head, encoding="ascii")
    names = sorted(names_in(target, directory, options, source))
    if column == "loongarch64":
        names = [name for name in names if not NOT_LOONGARCH.search(name)]
    first = head.count("\n") + 1
    while True:
        probes = "".join(f"const long long probe_{name} = ({name});\n" for name in names)
        source.write_text(head + probes, encoding="ascii")
        result = run(target, directory, options, source, "-Werror=int-conversion", "-emit-llvm", "-S", "-o", "-", check=False)
        if result.returncode == 0:
            break
        bad = {int(line) - first for line in re.findall(rf"^{re.escape(str(source))}:(\d+):\d+: error", result.stderr, re.M)}
        if not bad or min(bad) < 0:
            sys.exit(f"{column}: {result.stderr[:2000]}")
        names = [name for i, name in enumerate(names) if i not in bad]
    return {name: int(value) for name, value in re.findall(r"@probe_(\w+) = .*?constant i64 (-?\d+)", result.stdout)}


def kernel_versions():
    """The headers' versions, so that --check compares like with like; None where some are missing."""
    versions = []
    for directory in dict.fromkeys(column[1] for column in COLUMNS):
        path = pathlib.Path(f"/usr/{directory}/include/linux/version.h")
        if not path.exists():
            return None
        code = int(re.search(r"LINUX_VERSION_CODE (\d+)", path.read_text(encoding="ascii")).group(1))
        versions.append(f"{directory} {code >> 16}.{code >> 8 & 255}.{code & 255}")
    return ", ".join(versions)


def number(value):
    return "INT64_MIN" if value == -(2**63) else f"INT64_C({value})" if abs(value) >= 2**31 else str(value)


def render(versions, tables, named):
    """The C text of {column: {name: value}}; NAMED has the names of errnos and of signals."""
    names = sorted(set().union(*tables.values()), key=str.encode)
    blob, constants, exceptions, errnos, signals = [], [], [], [], []
    at = 0
    for row, name in enumerate(names):
        masks = {}
        for i, (column, *_) in enumerate(COLUMNS):
            if name in tables[column]:
                value = tables[column][name]
                masks[value] = masks.get(value, 0) | 1 << i
        common = max(masks, key=lambda value: (bin(masks[value]).count("1"), value))
        constants.append(f"\t{{ {number(common)}, {masks[common]:#x}, {at} }}, /* {name} */\n")
        exceptions += [f"\t{{ {number(v)}, {masks[v]:#x}, {row} }},\n" for v in sorted(masks) if v != common]
        blob.append(f'\t"{name}\\0"\n')
        at += len(name) + 1
        value = max(masks)
        if re.fullmatch(r"E[A-Z0-9]+", name) and name in named["errno"] and 0 < value < 4096:
            errnos.append((name in SECOND_NAMES, row))
        if re.fullmatch(r"SIG[A-Z0-9]+", name) and name in named["signal"] and name not in NOT_SIGNALS and value > 0:
            signals.append((name in SECOND_NAMES, row))
    return "".join(
        [
            "/* SPDX-License-Identifier: BSD-2-Clause */\n",
            "/* Written by tools/gen-constants.py; don't edit. Headers: ", versions, " */\n",
            "/* clang-format off */\n",
            "static const char constant_names[] =\n", *blob, "\t;\n",
            "static const struct constant constants[] = {\n", *constants, "};\n",
            "static const struct exception exceptions[] = {\n", *exceptions, "};\n",
            "/* Where two names have a number, the one to print is first. */\n",
            "static const uint16_t errno_names[] = { ", ", ".join(str(row) for _, row in sorted(errnos)), " };\n",
            "static const uint16_t signal_names[] = { ", ", ".join(str(row) for _, row in sorted(signals)), " };\n",
        ]
    )


def names_of(header, temp):
    """Every name that HEADER defines on some ABI."""
    source = temp / "names.c"
    source.write_text(f"#include <{header}>\n", encoding="ascii")
    columns = {directory: (target, directory, options) for _, directory, target, options in COLUMNS}
    return set().union(*(names_in(*column, source) for column in columns.values()))


def main():
    check = sys.argv[1:] == ["--check"]
    versions = kernel_versions()
    if not shutil.which(CLANG) or not versions or (check and versions not in OUTPUT.read_text(encoding="ascii")):
        print("no clang, or no headers of the kernels that constants.inc was made from")
        return SKIPPED if check else 1
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp)
        (temp / "libc" / "sys").mkdir(parents=True)
        for name, header in LIBC.items():
            (temp / "libc" / name).write_text(header, encoding="ascii")
        tables = {column[0]: values_on(*column, temp) for column in COLUMNS}
        named = {"errno": names_of("linux/errno.h", temp), "signal": names_of("linux/signal.h", temp)}
    text = render(versions, tables, named)
    if not check:
        OUTPUT.write_text(text, encoding="ascii")
        return 0
    if OUTPUT.read_text(encoding="ascii") != text:
        print("constants.inc is stale: run tools/gen-constants.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
