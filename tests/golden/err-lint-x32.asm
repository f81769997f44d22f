; golden: check -a x86_64 FILE
ld [4]
jeq #0xc000003e, ok
ret #0x80000000
ok: ld [0]
jeq #169, no
ret #0x7fff0000
no: ret #0x50001
