ld [0x]
ret #0x100000000
jeq #12ab, 1, 2
ld M[16]
ret #08
