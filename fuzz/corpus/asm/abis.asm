 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L10, L2      ; x86_64
 L2: jeq #0x40000003, L4, L3       ; i386
 L3: ret #0x50026                  ; errno(38) [abis.strait:4]
 L4: ld [0]                        ; nr
 L5: jge #5, L7, L6                ; open
 L6: jge #3, L29, L28              ; read
 L7: jeq #192, L25, L8             ; mmap2
 L8: jeq #252, L29, L9             ; exit_group
 L9: jeq #295, L22, L28            ; openat
L10: ld [0]                        ; nr
L11: jge #0x40000000, L12, L18     ; read
L12: jge #0x40000002, L13, L29     ; open
L13: jge #0x4000009f, L14, L16     ; adjtimex
L14: jeq #0x400000e7, L29, L15     ; exit_group
L15: jeq #0x40000101, L22, L28     ; openat
L16: jeq #0x40000009, L25, L17     ; mmap
L17: jeq #0x4000009e, L29, L28     ; arch_prctl
L18: jge #2, L19, L29              ; open
L19: jge #159, L20, L24            ; adjtimex
L20: jeq #231, L29, L21            ; exit_group
L21: jeq #257, L22, L28            ; openat
L22: ld [32]                       ; arg2 low [abis.strait:6]
L23: jset #0xfff77fff, L28, L29    ; [abis.strait:6]
L24: jeq #9, L25, L27              ; mmap
L25: ld [40]                       ; arg3 low [abis.strait:7]
L26: jset #32, L29, L28            ; [abis.strait:7]
L27: jeq #158, L29, L28            ; arch_prctl
L28: ret #0x80000000               ; kill_process [abis.strait:3]
L29: ret #0x7fff0000               ; allow
