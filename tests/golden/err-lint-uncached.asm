; golden: check -a x86_64 FILE
ld [4]
jeq #0xc000003e, ok
ret #0x80000000
ok: ld [0]
jge #0x40000000, no
ld [16]
ld [0]
jeq #60, yes
jeq #15, yes
no: ret #0x80000000
yes: ret #0x7fff0000
