 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L12, L2      ; x86_64
 L2: jeq #0x40000003, L4, L3       ; i386
 L3: ret #0x50026                  ; errno(38) [abis.strait:4]
 L4: ld [0]                        ; nr
 L5: jeq #295, L28, L6             ; openat
 L6: jge #192, L9, L7              ; mmap2
 L7: jge #5, L31, L8               ; open
 L8: jge #3, L30, L31              ; read
 L9: jge #253, L31, L10            ; lookup_dcookie
L10: jeq #192, L23, L11            ; mmap2
L11: jeq #252, L30, L31            ; exit_group
L12: ld [0]                        ; nr
L13: jeq #257, L28, L14            ; openat
L14: jeq #9, L23, L15              ; mmap
L15: jge #158, L17, L16            ; arch_prctl
L16: jge #2, L31, L30              ; open
L17: jge #232, L20, L18            ; epoll_wait
L18: jeq #158, L30, L19            ; arch_prctl
L19: jeq #231, L30, L31            ; exit_group
L20: jge #0x40000000, L21, L31     ; read
L21: jge #0x40000002, L22, L30     ; open
L22: jeq #0x40000009, L23, L25     ; mmap
L23: ld [40]                       ; arg3 low [abis.strait:7]
L24: jset #32, L30, L31            ; [abis.strait:7]
L25: jeq #0x4000009e, L30, L26     ; arch_prctl
L26: jeq #0x400000e7, L30, L27     ; exit_group
L27: jeq #0x40000101, L28, L31     ; openat
L28: ld [32]                       ; arg2 low [abis.strait:6]
L29: jset #0xfff77fff, L31, L30    ; [abis.strait:6]
L30: ret #0x7fff0000               ; allow
L31: ret #0x80000000               ; kill_process [abis.strait:3]
