#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""strait bench: counts against filters counted by hand, and that measuring ends, whatever a filter does to who measures."""
import json
import os
import xml.dom.minidom

from harness import SOURCE, done, expect, ok, scratch, show, strait, write

# getpid takes instructions 0 1 2 3 7; ioctl 0 1 2 3 4 5 6 and a return; all others 0 1 2 3 4 8.
write('hand.asm', 'ld [4]\njeq #0xc000003e, nr, kill\nnr: ld [0]\njeq #39, yes, more\nmore: jeq #16, args, no\n'
                  'args: ld [24]\njeq #0x5401, yes, no\nyes: ret #0x7fff0000\nno: ret #0x50001\nkill: ret #0x80000000\n')
# The same answers; but it looks at an argument of every call before it, so that the kernel can't know them.
write('late.asm', 'ld [16]\nld [4]\njeq #0xc000003e, nr, kill\nnr: ld [0]\njeq #39, yes, more\nmore: jeq #16, args, no\n'
                  'args: ld [24]\njeq #0x5401, yes, no\nyes: ret #0x7fff0000\nno: ret #0x50001\nkill: ret #0x80000000\n')


def counts(*args):
    made = strait('bench', '--json', '--no-live', '-a', 'x86_64', *args)
    if not ok(made.returncode == 0, f'{args} is counted', show(made)):
        return None
    return json.loads(made.stdout)


def same(name, part, **wanted):
    ok(all(part[key] is value if value is None else abs(part[key] - value) < 0.001 for key, value in wanted.items()), name,
       (part, wanted))


# ---- counted by hand ----

both = counts('hand.asm', 'late.asm')
hand, late = both['filters']
ok([hand['name'], late['name']] == ['hand.asm', 'late.asm'] and [hand['instructions'], late['instructions']] == [10, 11],
   'filters side by side, in their order', both)
same('always allowed', hand['plain'], numbers=1, cases=1, cached=1, average=5, weighted=5, weighted_cached=0, max=5)
same('allowed with one value', hand['tested'], numbers=1, cases=1, cached=0, average=8, weighted=8, weighted_cached=8,
     max=8)
# Of 32 blocks of values that differ from 0x5401 first at some bit, those of 16, 8, 4, 2 and 1 value are counted one by one.
same('with other values', hand['refused'], numbers=1, cases=27 + 31, cached=0, average=8, max=8)
total = hand['all']['numbers']
ok(total > 460, 'all numbers of the table', total)
same('never executed', hand['denied'], numbers=total - 2, cases=total - 2, cached=0, average=6, weighted=6, max=6)
same('a filter that looks at an argument first', late['plain'], numbers=1, cached=0, average=6, weighted_cached=6, max=6)
ok(not hand['cut'] and 'live' not in hand, 'all ways are counted, nothing is measured', hand)

write('mix', '# how often\ngetpid 2\nioctl: 1\nread 1\nnosuchcall 100\n')
mixed = counts('--profile', 'mix', 'hand.asm')
ok(mixed['weights'] == '--profile', 'the weights are named', mixed)
same('weighed as the profile says', mixed['filters'][0]['all'], weighted=(2 * 5 + 8 + 6) / 4, weighted_cached=(8 + 6) / 4,
     max=8)
write('rare', 'getpid 1\n')
same('what is never called has no average by weight', counts('--profile', 'rare', 'hand.asm')['filters'][0]['denied'],
     weighted=None, average=6)

write('values.strait', 'arch x86_64\ndefault deny\nallow ioctl if cmd in { 1..4, 1030 }\nlog read if fd == 1\n'
                       'trace write\nallow close\n')
part = counts('values.strait')['filters'][0]
ok(part['tested']['numbers'] == 2 and part['tested']['cases'] == 6,
   'values of a small range one by one; log is allowed', part)
ok(part['plain']['numbers'] == 1 and part['denied']['numbers'] == total - 3, 'what a tracer is asked is denied', part)
spread = ', '.join(str(i * 2654435761 % 2**32) for i in range(1, 600))
write('many.strait', f'arch x86_64\ndefault deny\nallow ioctl if cmd in {{ {spread} }}\n')
part = counts('many.strait')['filters'][0]
ok(part['tested']['cases'] == 599 and part['refused']['cases'] >= 4096 and part['cut'],
   'too many ways are said to be cut', part)
write('ways.asm', 'ld [16]\nand #0x7fff\nor #0x50000\nret a\n')
part = counts('ways.asm')['filters'][0]
ok(part['denied']['numbers'] == total and part['denied']['cases'] < 200000 and part['denied']['max'] == 4 and part['cut'],
   'where all numbers have too many, all are counted in some', part)

# ---- other architectures ----

write('other.strait', 'arch s390x\ndefault deny\nallow { read write }\nallow ioctl if cmd == 1\n')
other = strait('bench', '--json', '-a', 's390x', 'other.strait')
part = json.loads(other.stdout)
ok(part['abi'] == 's390x' and part['filters'][0]['plain']['cached'] == 2 and part['filters'][0]['tested']['cases'] == 1 and
   'live' not in part['filters'][0], 'a big-endian machine\'s filter is counted, not measured', show(other))
part = json.loads(strait('bench', '--json', '--no-live', '-a', 'x32', 'values.strait').stdout)['filters'][0]
ok(part['plain']['numbers'] == 0 and part['denied']['numbers'] == part['all']['numbers'],
   'an ABI that a policy doesn\'t list is denied', part)

# ---- for people ----

expect('a table', strait('bench', '--no-live', '-a', 'x86_64', '-o', 'plot.svg', 'hand.asm', 'late.asm'),
       out=['hand.asm', 'late.asm', 'instructions', "answered by the kernel's cache", 'denied: never executed'])
plot = open(os.path.join(scratch, 'plot.svg'), encoding='utf-8').read()
ok(len(xml.dom.minidom.parseString(plot).getElementsByTagName('rect')) == 1 + 2 * 4 and '5.0, at most 5' in plot,
   'a plot with a bar for each filter and kind', plot)
write('a<&">.asm', open(os.path.join(scratch, 'hand.asm')).read())
expect('a name that XML takes for markup', strait('bench', '--no-live', '-a', 'x86_64', '-o', 'odd.svg', 'a<&">.asm'))
ok(xml.dom.minidom.parse(os.path.join(scratch, 'odd.svg')), 'is text in the plot')

# ---- measured ----

write('live.strait', 'default kill_process\nallow { getppid exit_group clock_gettime }\nallow ioctl if cmd == 1\n'
                     'deny { keyctl add_key }\n')
live = strait('bench', '--json', 'live.strait', 'live.strait')
measured = json.loads(live.stdout)
ok(live.returncode == 0 and len(measured['filters']) == 2, 'measuring ends', show(live))
for one in measured['filters']:
    kinds = one['live']
    ok([kinds[kind]['call'] for kind in ('plain', 'tested', 'denied')] == ['getppid', 'ioctl', 'keyctl'],
       'calls that the filter has', kinds)
    ok(all(kinds[kind]['failure'] or kinds[kind]['ns'] > 0 for kind in ('plain', 'tested', 'denied')),
       'a figure, or a word why there is none', kinds)
ok(measured['kernel']['rounds'] > 1 and 'jit' in measured['kernel'], 'what it was measured with', measured)
expect('the table of it', strait('bench', 'live.strait'), out=['Measured on this kernel', 'getppid()', 'ioctl(0, 0x1)'])
# Whatever it does to the measuring process, it is only that process.
for action in ('kill_process', 'kill_thread', 'trap', 'errno(0)', 'errno(ENOSYS)', 'notify', 'trace'):
    write('all.strait', f'default {action}\n')
    expect(f'a filter that answers all with {action}', strait('bench', 'all.strait'), out='Measured on this kernel')
write('kills.strait', 'default kill_process\nallow getppid\n')
expect('a filter that ends who measures', strait('bench', 'kills.strait'), out='no harmless call is so, by errno')

# ---- what can't be counted ----

expect('no filter', strait('bench'), 2, err='which filters?')
expect('a file that isn\'t there', strait('bench', 'nothing.bpf'), 2, err='nothing.bpf')
expect('a plot on standard output', strait('bench', '-o', '-', 'hand.asm'), 2, err='to a file')
write('short.bpf', b'\x20\0\0\0\0\0\0\0')
expect('what the kernel would not accept', strait('bench', 'short.bpf'), 2, err='F004')
write('product.asm', 'ld [16]\ntax\nld [24]\nmul x\nret a\n')
expect('what is too large to understand names the instruction', strait('bench', '--proof-nodes', '20000', 'product.asm'), 2,
       err=['F009', 'instruction 3: mul x'])
write('empty.bpf', b'')
expect('an empty program', strait('bench', 'empty.bpf'), 2, err='empty')
sixty = counts(os.path.join(SOURCE, 'bench', 'policies', '66-calls.strait'))['filters'][0]
ok(sixty['plain']['numbers'] == sixty['plain']['cached'] == 60 and sixty['tested']['numbers'] == 6 and
   sixty['tested']['cases'] == 12, '60 plain calls, all known to the kernel, 6 with 12 values', sixty)
done()
