a: ld [0]
jmp a
ret #0
