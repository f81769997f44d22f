; golden: check -a x86_64 FILE
ld [4]
jeq #0xc000003e, ok
ret #0x80000000
ok: ld [0]
ld [16]
tax
ld [24]
mul x
mul x
div x
jeq #77, yes
ret #0x80000000
yes: ret #0x7fff0000
