ld [0]
lodd [0]
ldh [0]
ret #0
