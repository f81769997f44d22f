; By hand: the number in X, flags gathered in scratch memory, a table of bits shifted by X, arithmetic on what is loaded.
        ld [4]
        jeq #0x40000003, known, bad
known:  ld [0]
        tax
        jge #32, upper, lower
lower:  ld #0x02001068                  ; read, open, close, chdir, stime
        rsh x
        jset #1, allow, deny
upper:  sub #54                         ; ioctl is 54
        jeq #0, ioctl, more
ioctl:  ld [24]
        and #0xff00
        st M[0]
        ld [24]
        and #0xff
        st M[1]
        ld M[0]
        jeq #0x5400, tty, deny
tty:    ld M[1]
        add #1
        jgt #5, deny, allow             ; 0..4
more:   jeq #71, mman, deny             ; mprotect is 125
mman:   ld [32]
        st M[2]
        ldx M[2]
        ld #6
        and x
        xor #6
        jeq #0, deny, allow             ; write and execute together
allow:  ret #0x7fff0000
deny:   ret #0x00050001
bad:    ret #0
