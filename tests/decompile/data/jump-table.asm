; A table by hand: numbers sorted by their low three bits first, so that each group is tested by four comparisons.
        ld [4]
        jeq #0xc000003e, go, bad
go:     ld [0]
        jge #0x40000000, bad, low
low:    and #7
        jeq #0, g0, t1
t1:     jeq #1, g1, t2
t2:     jeq #4, g4, t7
t7:     jeq #7, g7, deny
g0:     ld [0]
        jeq #0, allow, g01
g01:    jeq #8, allow, g02
g02:    jeq #16, allow, g03
g03:    jeq #72, fcntl, deny
g1:     ld [0]
        jeq #1, allow, g11
g11:    jeq #9, allow, deny
g4:     ld [0]
        jeq #12, allow, g41
g41:    jeq #60, allow, deny
g7:     ld [0]
        jeq #231, allow, deny
fcntl:  ld [24]
        jgt #4, deny, allow             ; F_DUPFD to F_SETFL
allow:  ret #0x7fff0000
deny:   ret #0x00050001
bad:    ret #0x80000000
