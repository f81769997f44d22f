# SPDX-License-Identifier: BSD-2-Clause
"""examples/typed-text.c: the program, what stops it, and its filter under the tools."""
import re

from harness import *

PROGRAM, COMMAND = STRAIT, os.path.abspath(sys.argv[3])
SIGSYS = -31

r = run(PROGRAM, stdin=b'')
if r.returncode == 1:
    skip('this process can\'t be confined: ' + r.stderr.decode().strip())
    done()
expect('nothing typed, nothing written', r)
expect('capitals', run(PROGRAM, stdin=b'typed by a person\nand more\n'), out='TYPED BY A PERSON\nAND MORE\n')
text = b'much of it, \xff and not in pieces of a buffer' * 5000
r = run(PROGRAM, stdin=text)
ok(r.returncode == 0 and r.stdout == text.upper(), 'more than a buffer', r.returncode)

# A pipe that takes a little at a time: the rest of the answer is written from the buffer's begin, too.
child = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
import fcntl
import threading
fcntl.fcntl(child.stdout, 1031, 4096)  # F_SETPIPE_SZ
threading.Thread(target=lambda: (child.stdin.write(text), child.stdin.close())).start()
got = b''
while piece := os.read(child.stdout.fileno(), 100):
    got += piece
ok(child.wait() == 0 and got == text.upper(), 'into a narrow pipe')

for how, what in (('buffer', 'writes another buffer'), ('descriptor', 'writes to another descriptor'),
                  ('length', 'writes a byte too much'), ('read', 'reads into another buffer'), ('open', 'opens a file')):
    r = run(PROGRAM, how)
    ok(r.returncode == SIGSYS and r.stdout == b'' and r.stderr == b'', f'who {what} is ended', show(r))
expect('an unknown word', run(PROGRAM, 'nonsense'), code=2, err='usage:')
expect('two words', run(PROGRAM, 'open', 'read'), code=2, err='usage:')

# ---- the filter ----

listing = run(PROGRAM, '--print')
expect('the filter is printed with its labels', listing, out=['; read:', '; write:', '; stop:', 'arg1 high'])
expect('... and strait asm reads that', run(COMMAND, 'asm', '-', '-o', os.devnull, stdin=listing.stdout))
raw = write('typed-text.bpf', run(PROGRAM, '--write').stdout)
expect('the kernel would accept it', run(COMMAND, 'verify', raw), out='accepted')
# L013: an address is compared, as is meant here; L030: no signal is handled, so none returns from its handler.
expect('strait check has nothing to say but what is meant',
       run(COMMAND, 'check', '--strict', '--allow=L013', '--allow=L030', raw))
expect('... and says that', run(COMMAND, 'check', '--strict', raw), code=1, err=['L013', 'L030'])
disasm = run(COMMAND, 'disasm', raw)
expect('strait disasm reads it', disasm, out=['; arch', '; read', 'kill_process'])
high, low = (re.findall(rf'; arg1 {half}\n.*?jeq #(\w+)', disasm.stdout.decode(), re.S)[1] for half in ('high', 'low'))
buffer = int(high, 0) << 32 | int(low, 0)
CALLS = [
    ('write(1, {}, 512)', 0, True), ('write(1, {}, 0)', 0, True), ('write(1, {}, 513)', 0, False),
    ('write(1, {} + 1, 511)', 1, False), ('write(1, {} - 1, 1)', -1, False),
    ('write(2, {}, 1)', 0, False), ('read(0, {}, 1)', 0, False),
    ('exit_group(0)', 0, True), ('getpid()', 0, False),
]
if open(PROGRAM, 'rb').read(5)[4] == 2:  # ELFCLASS64: registers have upper halves
    CALLS += [
        ('write(1, {} + 4 GiB, 1)', 1 << 32, False), ('write(1, {}, 0x100000001)', 0, False),
        ('write(arg0=0x500000001, arg1={}, arg2=1)', 0, True),
    ]
for call, shift, executed in CALLS:
    expect(f'{call.format("answer")} is {"executed" if executed else "the end"}',
           run(COMMAND, 'eval', raw, re.sub(r'{}[^,]*', str(buffer + shift), call)), code=0 if executed else 1)

# The same said as a policy is proven to be the same, once addresses are known.
policy = '''default kill_process
allow read if fd == 0 && arg1 == TYPED && count <= 512
allow write if fd == 1 && arg1 == ANSWER && count <= 512
allow exit_group
'''
found = [int(h, 0) << 32 | int(l, 0) for h, l in zip(*(re.findall(rf'; arg1 {half}\n.*?jeq #(\w+)', disasm.stdout.decode(), re.S)
                                                      for half in ('high', 'low')))]
policy = policy.replace('TYPED', str(found[0])).replace('ANSWER', str(found[1]))
r = run(COMMAND, 'diff', raw, write('typed-text.strait', policy))
if b'diff' in run(COMMAND, '--help').stdout:
    expect('strait diff proves that it is the policy', r)
else:
    skip('this strait has no diff yet')
done()
