#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""gen-man.py PAGE SOURCE [SECTIONS.scd]: a page in scdoc's markup, on standard output, from what is written elsewhere:

strait-NAME.3 from a public header. Its contracts are written and kept true there: its first comment is the description,
a comment like `---- making one ----` begins a part, and each declaration follows its comment.
strait-NAME.5 and .7 from a text of docs/ (headings, paragraphs, tables, indented blocks).

SECTIONS.scd adds what the source has no place for: examples, and pages to see.
"""
import re
import sys
import textwrap
from pathlib import Path

COMMENT = re.compile(r'/\*(.*?)\*/', re.S)
PART = re.compile(r'-{4}(.*)-{4}')


def plain(comment):
    """The text of a comment, in paragraphs."""
    lines = [re.sub(r'^\s*\* ?', '', line).strip() for line in comment.strip().splitlines()]
    return re.sub(r'(?<!\n)\n(?!\n)', ' ', '\n'.join(lines)).strip()


def escape(text):
    return re.sub(r'([*_\\#<>~`\[\]])', r'\\\1', text)


def code(text):
    """A declaration as its user writes it; a prototype fills its lines anew without what only compilers read."""
    if 'STRAIT_EXPORT' in text:
        prototypes = re.sub(r'\s+', ' ', re.sub(r'\bSTRAIT_(EXPORT|NODISCARD)\s+', '', text)).strip()
        text = '\n'.join(textwrap.fill(one + ';', 72, subsequent_indent='        ')
                         for one in prototypes.rstrip(';').split('; '))
    return '```\n' + text.replace('\t', '        ').rstrip() + '\n```\n'


def body(text):
    """Chunks between blank lines: a comment in front of a declaration, or either alone."""
    for chunk in re.split(r'\n\s*\n', text.strip()):
        head = COMMENT.match(chunk)
        comment, rest = (head.group(1), chunk[head.end():].strip()) if head else ('', chunk)
        part = PART.fullmatch(comment.strip())
        if part:
            title, _, said = part.group(1).strip().partition(';')
            yield f'# {escape(title.split(": ")[-1].strip().upper())}\n'
            if said:
                yield escape(plain(said)) + '\n'
        elif comment:
            yield escape(plain(comment)) + '\n'
        # Several declarations may share a chunk, each behind its own comment.
        for piece in re.split(r'(?m)^(?=/\*)', rest):
            inner = COMMENT.match(piece)
            if inner and rest and not piece.startswith('/* SPDX'):
                yield escape(plain(inner.group(1))) + '\n'
                piece = piece[inner.end():]
            if piece.strip():
                yield code(piece.strip('\n'))


def header_page(page, path):
    text = path.read_text(encoding='ascii')
    description = plain(COMMENT.search(text, text.index('*/') + 2).group(1))
    summary = re.split(r'(?<=[a-z)])[.;](?:\s|$)', description)[0].replace('\n', ' ')
    begin = text.index('STRAIT_BEGIN\n') + len('STRAIT_BEGIN\n')
    yield f'# NAME\n\n{page} - {escape(summary[0].lower() + summary[1:])}\n'
    library = 'strait-report' if path.name == 'sigsys-report.h' else 'strait'
    yield f'# SYNOPSIS\n\n*#include <strait/{path.name}>*\n\n*cc* ... *-l{library}*\n'
    yield f'# DESCRIPTION\n\n{escape(description)}\n'
    yield from body(text[begin:text.rindex('STRAIT_END')])


def inline(text):
    """Markdown inside of a paragraph: `code` and **bold** become bold, links their text."""
    text = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', text)
    parts = re.split(r'`([^`]*)`|\*\*([^*]*)\*\*', text)
    words = []
    for plain_text, mono, bold in zip(parts[::3], parts[1::3] + [None], parts[2::3] + [None]):
        words += [escape(plain_text), f'*{escape(mono or bold)}*' if mono or bold else '']
    return ''.join(words)


def table(rows):
    cells = [[c.strip().replace('\0', '|') for c in r.replace('\\|', '\0').strip('|').split('|')] for r in rows]
    for i, row in enumerate(c for k, c in enumerate(cells) if k != 1):
        for k, cell in enumerate(row):
            yield ('|[ ' if i == 0 and k == 0 else ':[ ' if i == 0 else '|  ' if k == 0 else ':  ') + inline(cell)


def markdown_page(page, path):
    title, *blocks = re.split(r'\n(?:\s*\n)+', path.read_text(encoding='utf-8').strip())
    yield f'# NAME\n\n{page} - {inline(title.lstrip("# "))}\n\n# DESCRIPTION\n'
    for block in blocks:
        lines = block.splitlines()
        if block.startswith('#'):
            level, _, text = block.partition(' ')
            yield f'{level[1:]} {inline(text.upper() if level == "##" else text)}\n'
        elif block.startswith('    '):
            yield '```\n' + '\n'.join(line[4:] for line in lines) + '\n```\n'
        elif block.startswith('|'):
            yield '\n'.join(table(lines)) + '\n'
        else:
            # A line of a list is an item; others belong to the paragraph.
            yield re.sub(r'\n(?![-] )', ' ', '\n'.join(inline(line.strip()) for line in lines)) + '\n'


def main(page, source, sections=None):
    name, section = page.rsplit('.', 1)
    path = Path(source)
    print(f'{name}({section})\n')
    print('\n'.join(header_page(name, path) if path.suffix == '.h' else markdown_page(name, path)))
    print(Path(sections).read_text(encoding='utf-8') if sections else '# SEE ALSO\n\n*strait*(1), *strait-policy*(5)')


main(*sys.argv[1:])
