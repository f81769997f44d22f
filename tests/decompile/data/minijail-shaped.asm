; As minijail writes it: a list of jeq, each with its block behind; arguments compared as two halves, high then low.
        ld [4]
        jeq #0xc000003e, go, kill
go:     ld [0]
        jeq #0, allow, n1
n1:     jeq #1, allow, n2
n2:     jeq #16, ioctl, n3
n3:     jeq #41, socket, n4
n4:     jeq #9, mmap, n5
n5:     jeq #157, prctl, n6
n6:     jeq #231, allow, trap
; ioctl: arg1 == TCGETS || arg1 == TIOCGWINSZ
ioctl:  ld [28]
        jeq #0, i1, i2
i1:     ld [24]
        jeq #0x5401, allow, i2
i2:     ld [28]
        jeq #0, i3, trap
i3:     ld [24]
        jeq #0x5413, allow, trap
; socket: arg0 == AF_UNIX; return 13 otherwise
socket: ld [20]
        jeq #0, s1, eacces
s1:     ld [16]
        jeq #1, allow, eacces
; mmap: arg2 in ~PROT_EXEC || arg2 in ~PROT_WRITE
mmap:   ld [36]
        jset #0xffffffff, m2, m1
m1:     ld [32]
        jset #4, m2, allow
m2:     ld [36]
        jset #0xffffffff, trap, m3
m3:     ld [32]
        jset #2, trap, allow
; prctl: arg0 & 0xff
prctl:  ld [16]
        jset #0xff, allow, trap
allow:  ret #0x7fff0000
eacces: ret #0x0005000d
trap:   ret #0x00030000
kill:   ret #0x80000000
