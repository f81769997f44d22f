ld [4
ld 4]
ret
jeq #1, L
ld [0] [4]
