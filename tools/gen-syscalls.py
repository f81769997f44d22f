#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes src/arch/tables/syscalls.inc and variants.inc from the CSV files next to this script.

syscalls.inc: the calls sorted by name, their parameters, and each ABI's calls sorted by number.
variants.inc: the calls whose parameters are others on some ABIs.
With --check it writes nothing and fails if a committed file differs from what it would write.
"""

import csv
import pathlib
import sys

TOOLS = pathlib.Path(__file__).resolve().parent
TABLES = TOOLS.parent / "src" / "arch" / "tables"
KINDS = {"s32", "u32", "u16", "slong", "ulong", "s64", "u64", "ptr"}
ARGS_MAX = 6
# arm's private calls begin here: arch/arm/include/uapi/asm/unistd.h, __ARM_NR_BASE less __NR_SYSCALL_BASE.
PRIVATE = 0xF0000
BANNER = """/* SPDX-License-Identifier: BSD-2-Clause */
/* Written by tools/gen-syscalls.py from {sources}; don't edit. */
/* clang-format off */
"""


def rows(name):
    """The rows of a CSV file without its comments, header first."""
    with open(TOOLS / name, newline="", encoding="ascii") as file:
        return [row for row in csv.reader(file) if row and not row[0].startswith("#")]


def parse_args(call, cells):
    """[(name, kind)] of "name:kind" cells; a "-" is a register without an argument: ("", "ulong")."""
    args = []
    for cell in filter(None, cells):
        name, _, kind = ("", "", "ulong") if cell == "-" else cell.partition(":")
        if kind not in KINDS:
            sys.exit(f"{call}: unknown kind in '{cell}'")
        args.append((name, kind))
    if len(args) > ARGS_MAX:
        sys.exit(f"{call}: more than {ARGS_MAX} arguments")
    return args


class Aliases:
    """What section 2 of the man-pages calls an argument; a row for the call beats one for "*"."""

    def __init__(self):
        self.names = {(call, arg): alias for call, arg, alias in rows("arg-aliases.csv")[1:]}
        self.used = set()

    def find(self, call, arg):
        for key in ((call, arg), ("*", arg)):
            if key in self.names:
                self.used.add(key)
                alias = self.names[key]
                return None if alias == arg else alias
        return None

    def unused(self):
        return sorted(set(self.names) - self.used)


def params(symbol, call, args, aliases):
    """The array of a call's parameters as C."""
    lines = []
    found = {name: aliases.find(call, name) for name, _ in args if name}
    clash = set(found) & set(found.values())
    if clash:
        sys.exit(f"arg-aliases.csv: {call}: {clash} is another argument's name")
    for name, kind in args:
        alias = found.get(name)
        alias = f'"{alias}"' if alias else "NULL"
        name = f'"{name}"' if name else "NULL"
        lines.append(f"\t{{ {name}, {alias}, ARCH_{kind.upper()} }},\n")
    return f"static const struct arch_param {symbol}[] = {{\n{''.join(lines)}}};\n"


def syscalls(calls, columns, signatures, aliases):
    out = [BANNER.format(sources="syscalls.csv, signatures.csv and arg-aliases.csv")]
    for call in calls:
        if signatures.get(call[0]):
            out.append(params("params_" + call[0], call[0], signatures[call[0]], aliases))
    out.append("static const struct arch_syscall calls[] = {\n")
    for name, since, *offsets in calls:
        args = signatures.get(name)
        numbers = ", ".join(offset or "-1" for offset in offsets)
        array = f"params_{name}" if args else "NULL"
        count = -1 if args is None else len(args)
        out.append(f'\t{{ "{name}", "{since}", {{ {numbers} }}, {array}, {count} }},\n')
    out.append("};\n/* Rows of calls[], sorted by number: column after column, each from by_number_begin[column]. */\n")
    out.append("static const uint16_t by_number[] = {\n")
    begins, ends, total = [], [], 0
    for i, column in enumerate(columns):
        order = sorted((int(call[2 + i]), row) for row, call in enumerate(calls) if call[2 + i])
        numbers = [number for number, _ in order]
        if len(set(numbers)) != len(numbers):
            sys.exit(f"{column}: a number has two calls")
        begins.append(total)
        ends.append(max(number for number in numbers if number < PRIVATE) + 1)
        total += len(order)
        out.append(f"\t/* {column} */\n")
        for at in range(0, len(order), 20):
            out.append("\t" + " ".join(f"{row}," for _, row in order[at : at + 20]) + "\n")
    begins.append(total)
    out.append("};\nstatic const uint16_t by_number_begin[ARCH_COLUMNS + 1] = { " + ", ".join(map(str, begins)) + " };\n")
    out.append("/* One more than the highest number of the contiguous table. */\n")
    out.append("static const uint16_t table_end[ARCH_COLUMNS] = { " + ", ".join(map(str, ends)) + " };\n")
    return "".join(out)


def variants(calls, columns, aliases):
    out = [BANNER.format(sources="abi-args.csv and arg-aliases.csv")]
    index = {call[0]: row for row, call in enumerate(calls)}
    table, seen = [], set()
    for name, where, *cells in rows("abi-args.csv")[1:]:
        where = where.split()
        for column in where:
            if (name, column) in seen or not calls[index[name]][2 + columns.index(column)]:
                sys.exit(f"abi-args.csv: {name} on {column} is listed twice or doesn't exist")
            seen.add((name, column))
        args = parse_args(name, cells)
        symbol = f"variant_{name}_{where[0]}" if args else "NULL"
        if args:
            out.append(params(symbol, name, args, aliases))
        mask = " | ".join(f"1u << ARCH_{column.upper()}" for column in where)
        table.append((index[name], f"\t{{ {index[name]}, {len(args)}, {mask}, {symbol} }}, /* {name} */\n"))
    out.append("static const struct variant variants[] = {\n")
    out.extend(line for _, line in sorted(table, key=lambda row: row[0]))
    out.append("};\n")
    return "".join(out)


def generate():
    header, *calls = rows("syscalls.csv")
    columns = header[2:]
    calls.sort(key=lambda call: call[0].encode())
    if len({call[0] for call in calls}) != len(calls):
        sys.exit("syscalls.csv: a call is listed twice")
    signatures = {}
    for name, nargs, *cells in rows("signatures.csv")[1:]:
        signatures[name] = parse_args(name, cells)
        if len(signatures[name]) != int(nargs):
            sys.exit(f"signatures.csv: {name} hasn't {nargs} arguments")
    unknown = set(signatures) - {call[0] for call in calls}
    if unknown:
        sys.exit(f"signatures.csv: no such call: {sorted(unknown)}")
    aliases = Aliases()
    files = {
        "syscalls.inc": syscalls(calls, columns, signatures, aliases),
        "variants.inc": variants(calls, columns, aliases),
    }
    if aliases.unused():
        sys.exit(f"arg-aliases.csv: nothing is called so: {aliases.unused()}")
    return files


def main():
    stale = False
    for name, text in generate().items():
        path = TABLES / name
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text(encoding="ascii") != text:
                print(f"{path.name} is stale: run tools/gen-syscalls.py")
                stale = True
        else:
            path.write_text(text, encoding="ascii")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
