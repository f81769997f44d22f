#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""libseccomp-docker.py POLICY OUT: the filter that libseccomp makes of bench/policies/docker.strait's facts.

Writes the raw program to OUT. Exits with 77 and a word where there is no libseccomp.
"""
import sys

import libseccomp


def main():
    lib = libseccomp.load()
    if not lib:
        print('no libseccomp.so.2 here')
        sys.exit(77)
    with open(sys.argv[2], 'wb') as out:
        try:
            libseccomp.build(lib, libseccomp.facts(sys.argv[1]), 1, out.fileno())
        except ValueError as e:
            sys.exit(str(e))


main()
