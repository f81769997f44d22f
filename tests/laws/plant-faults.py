#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""plant-faults.py SOURCE-DIR OUT-DIR: copies of src/compile with faults in them, each of which a test can switch on.

Each row of FAULTS is a mistake that somebody could make: in a file, a text that stands there once becomes another, where
FAULT is true while `compile_fault` is the row's number, from 1 on. A text that isn't there is an error, so that the faults
keep up with the compiler. faults.h lists them.
"""
import sys
from pathlib import Path

FAULTS = [
    # lower.c
    ('lower.c', 'the last number of a range is left out', [('if (end < nr)', 'if (end < nr + FAULT)')]),
    ('lower.c', 'rules are tried from the last to the first',
     [('s->active[i - 1] > entry', '(FAULT ? s->active[i - 1] < entry : s->active[i - 1] > entry)')]),
    ('lower.c', "x32's numbers are x86_64's", [('rules_abi_of_call(r, token, PARTS[part].first)',
                                              'rules_abi_of_call(r, token, FAULT ? 0 : PARTS[part].first)')]),
    ('lower.c', "x32's numbers get the default", [('if (!abi) {\n\t\tir_ref to = ir_leaf(ir, r->foreign,',
                                                  'if (!abi) {\n\t\tir_ref to = ir_leaf(ir, FAULT ? r->otherwise : r->foreign,')]),
    ('lower.c', 'other architectures get the default', [('{\n\tir_ref to = ir_leaf(ir, r->foreign,',
                                                        '{\n\tir_ref to = ir_leaf(ir, FAULT ? r->otherwise : r->foreign,')]),
    ('lower.c', "the token of an ABI isn't compared whole", [('.k = token,', '.k = token & (FAULT ? 0x7fffffff : 0xffffffff),')]),
    # condition.c
    ('condition.c', 'signed values are compared as unsigned', [('t->operand.is_signed ?', 't->operand.is_signed && !FAULT ?')]),
    ('condition.c', 'the upper half of an argument is ignored', [('if (bits == 64)', 'if (bits == 64 && !FAULT)')]),
    ('condition.c', 'a mask is forgotten', [('.mask = t->mask & max', '.mask = (FAULT ? max : t->mask) & max')]),
    ('condition.c', '< means <=', [('add_biased(l, list, 0, value - 1)', 'add_biased(l, list, 0, value - !FAULT)')]),
    ('condition.c', '> means >=', [('add_biased(l, list, value + 1, l->max)', 'add_biased(l, list, value + !FAULT, l->max)')]),
    ('condition.c', '!= means ==', [('if (t->cmp == RULES_NE)', 'if (t->cmp == RULES_NE && !FAULT)')]),
    ('condition.c', '&& leads where || does', [('to.yes = lower_condition(', '*(FAULT ? &to.no : &to.yes) = lower_condition(')]),
    ('condition.c', '! is not seen', [('to = (struct branches){ to.no, to.yes };\n\t\t\tbreak;',
                                       'to = FAULT ? to : (struct branches){ to.no, to.yes };\n\t\t\tbreak;')]),
    ('condition.c', 'ranges with a gap of one value are joined', [('list->v[i].first - last->last > 1',
                                                                 'list->v[i].first - last->last > 1u + FAULT')]),
    ('condition.c', 'a 16-bit argument has 15 bits', [('UINT64_MAX >> (64 - bits)', 'UINT64_MAX >> (64 - bits + (FAULT && bits == 16))')]),
    ('condition.c', 'the high words inside of a wide range are left out', [('if (high + 1 < high_last)',
                                                                         'if (!FAULT && high + 1 < high_last)')]),
    ('condition.c', 'a negative range is cut at the wrong end', [('first ^ bias, l->max);', 'first ^ bias, FAULT ? first ^ bias : l->max);')]),
    # search.c
    ('search.c', "x32's bit is asked for the wrong way", [('.yes = odd,\n\t\t\t\t\t\t\t.no = even',
                                                         '.yes = FAULT ? even : odd,\n.no = FAULT ? odd : even')]),
    ('search.c', 'a long list is halved one interval too early', [('.k = s->v[cut].first,', '.k = s->v[cut - FAULT].first,')]),
    # tree.c
    ('tree.c', 'a pair of values passes for one', [('return t->v[i + 1].first - t->v[i].first == 1;',
                                                    'return t->v[i + 1].first - t->v[i].first <= 1u + FAULT;')]),
    ('tree.c', 'a value in a row goes the wrong way', [('(struct branches){ t->v[asked[n]].to, row }',
                                                        '(FAULT ? (struct branches){ row, t->v[asked[n]].to } : (struct branches){ t->v[asked[n]].to, row })')]),
    ('tree.c', 'a tree is cut one interval too early', [('return test(t, IR_GE, &t->v[s->at], to);',
                                                         'return test(t, IR_GE, &t->v[s->at - FAULT], to);')]),
    ('tree.c', 'a value that is taken out first goes with the rest', [('to.yes = t->v[t->lone[s->at]].to;',
                                                                       'to.yes = t->v[FAULT ? begin : t->lone[s->at]].to;')]),
    ('tree.c', 'a value counts as taken out where it is not', [('return gone & t->lone_bit[interval];',
                                                               'return (FAULT ? 0xff : gone) & t->lone_bit[interval];')]),
    # ir.c
    ('ir.c', 'tests with other masks are the same node', [('n->op, n->word, n->mask, n->k', 'n->op, n->word, FAULT ? 0 : n->mask, n->k'),
                                                         ('a->mask == b->mask', '(FAULT || a->mask == b->mask)')]),
    ('ir.c', 'tests of other words are the same node', [('n->op, n->word, ', 'n->op, FAULT ? 0 : n->word, '),
                                                       ('a->word == b->word', '(FAULT || a->word == b->word)')]),
    ('ir.c', 'a masked test with zero is the wrong way round', [('exchange(n); /* (x & mask) == 0 */', '{ if (!FAULT) exchange(n); }')]),
    # pass-known.c
    ('pass-known.c', 'what one path knows is believed where paths meet', [('at->met ? common', 'at->met && !FAULT ? common')]),
    ('pass-known.c', 'a bit that is set counts as clear', [('f->op == IR_SET && !outcome)', 'f->op == IR_SET && (FAULT || !outcome))')]),
    ('pass-known.c', 'facts about other words are believed', [('if (f->word != n->word)', 'if (f->word != n->word && !FAULT)')]),
    ('pass-known.c', 'one of several bits set counts as all of them', [('(f->k & (f->k - 1)) == 0)', '(FAULT || (f->k & (f->k - 1)) == 0))')]),
    ('pass-known.c', 'an upper bound is one too low', [('f->k - 1 < v->max)\n\t\tv->max = f->k - 1', 'f->k - 1 < v->max)\n\t\tv->max = f->k - 1 - (FAULT && f->k > 1)')]),
    # pass-switch.c
    ('pass-switch.c', 'tests with other masks are one region', [('a->mask == b->mask', '(FAULT || a->mask == b->mask)')]),
    ('pass-switch.c', 'values above an equal one begin one too late', [('high.first = n.k + (n.op == IR_EQ);',
                                                                     'high.first = n.k + (n.op == IR_EQ) + FAULT;')]),
    # layout.c
    ('layout.c', 'a masked word passes for the whole one', [('if (from->mask == to->mask)', 'if (FAULT || from->mask == to->mask)')]),
    ('layout.c', 'a load is left out', [('s->load |= e == LAYOUT_LOAD;', 's->load |= !FAULT && e == LAYOUT_LOAD;')]),
    ('layout.c', 'a test is entered behind the load of another word', [('to->op == IR_RET || from->word != to->word',
                                                                      'to->op == IR_RET || (!FAULT && from->word != to->word)')]),
    # emit.c
    ('emit.c', 'jset is written as jeq', [('JUMPS[n->op]', 'JUMPS[FAULT && n->op == IR_SET ? IR_EQ : n->op]')]),
    ('emit.c', 'jge is written as jgt', [('n->k, all[', 'n->k + (FAULT && n->op == IR_GE), all[')]),
    ('emit.c', 'an errno loses a bit', [('prog_ret(p, n->k);', 'prog_ret(p, FAULT ? n->k & ~1u : n->k);')]),
    ('emit.c', 'the halves of arguments are exchanged', [('prog_new(ir->arena, order)', 'prog_new(ir->arena, FAULT ? !order : order)')]),
    ('emit.c', 'a mask is not written', [('if (item->mask)', 'if (item->mask && !FAULT)')]),
]


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    texts = {path.name: path.read_text() for path in sorted(source.glob('*.c'))}
    for number, (name, what, changes) in enumerate(FAULTS, 1):
        for old, new in changes:
            new = new.replace('FAULT', f'(compile_fault == {number})')
            if texts[name].count(old) != 1:
                sys.exit(f'{name}: {texts[name].count(old)} times, not once: {old!r} ({what})')
            texts[name] = texts[name].replace(old, new)
    for name, text in texts.items():
        (out / ('faulty-' + name)).write_text(f'extern unsigned compile_fault;\n#line 1 "{source / name}"\n{text}')
    rows = ''.join(f'\t"{name}: {what}",\n' for name, what, _ in FAULTS)
    (out / 'faults.h').write_text(f'static const char *const faults[] = {{\n{rows}}};\n')


main()
