; What CTF tasks install: it never looks at arch, and tests the number only.
        ld [0]
        jge #0x40000000, kill, n1
n1:     jeq #59, kill, n2
n2:     jeq #322, kill, allow
allow:  ret #0x7fff0000
kill:   ret #0
