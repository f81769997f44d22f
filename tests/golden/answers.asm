 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L18, L2      ; x86_64
 L2: jeq #0x40000003, L3, L36      ; i386
 L3: ld [0]                        ; nr
 L4: jge #24, L11, L5              ; getuid
 L5: jge #5, L8, L6                ; open
 L6: jeq #0, L36, L7               ; restart_syscall
 L7: jeq #2, L36, L32              ; fork
 L8: jeq #5, L37, L9               ; open
 L9: jeq #8, L37, L10              ; creat
L10: jeq #14, L37, L36             ; mknod
L11: jge #296, L12, L15            ; mkdirat
L12: jge #441, L37, L13            ; epoll_pwait2
L13: jeq #297, L37, L14            ; mknodat
L14: jeq #359, L37, L36            ; socket
L15: jeq #24, L37, L16             ; getuid
L16: jeq #252, L32, L17            ; exit_group
L17: jeq #295, L37, L36            ; openat
L18: ld [0]                        ; nr
L19: jge #231, L20, L27            ; exit_group
L20: jge #335, L21, L24            ; uretprobe
L21: jge #441, L22, L23            ; epoll_pwait2
L22: jge #0x40000000, L36, L37     ; read
L23: jge #337, L36, L37
L24: jeq #231, L32, L25            ; exit_group
L25: jeq #257, L37, L26            ; openat
L26: jeq #259, L37, L36            ; mknodat
L27: jge #3, L29, L28              ; close
L28: jge #2, L37, L32              ; open
L29: jge #85, L33, L30             ; creat
L30: jeq #41, L37, L31             ; socket
L31: jeq #60, L32, L36             ; exit
L32: ret #0x7fff0000               ; allow [answers.strait:5]
L33: jeq #85, L37, L34             ; creat
L34: jeq #102, L37, L35            ; getuid
L35: jeq #133, L37, L36            ; mknod
L36: ret #0x80000000               ; kill_process
L37: ret #0x7fc00000               ; notify
