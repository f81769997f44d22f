; Two architectures of one machine, each with its numbers, written by hand; the same rules for openat on both.
        ld [4]
        jeq #0xc00000b7, a64, try32
try32:  jeq #0x40000028, arm, kill
a64:    ld [0]
        jeq #63, allow, a1
a1:     jeq #64, allow, a2
a2:     jeq #93, allow, a3
a3:     jeq #94, allow, a4
a4:     jeq #56, open64, trap
open64: ld [32]
        jset #0x3fb7ffff, trap, allow   ; flags within O_DIRECTORY|... of arm64: 0x4000 0x80000
arm:    ld [0]
        jeq #3, allow, b1
b1:     jeq #4, allow, b2
b2:     jeq #1, allow, b3
b3:     jeq #248, allow, b4
b4:     jeq #322, open32, trap
open32: ld [32]
        jset #0x3fb7ffff, trap, allow
trap:   ret #0x00030007
allow:  ret #0x7fff0000
kill:   ret #0x80000000
