 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L21, L2      ; x86_64
 L2: jeq #0x40000003, L3, L43      ; i386
 L3: ld [0]                        ; nr
 L4: jge #252, L5, L11             ; exit_group
 L5: jge #298, L6, L8              ; fchownat
 L6: jge #441, L41, L7             ; epoll_pwait2
 L7: jeq #359, L41, L43            ; socket
 L8: jeq #295, L41, L9             ; openat
 L9: jeq #297, L41, L10            ; mknodat
L10: jeq #252, L44, L43            ; exit_group
L11: jge #25, L43, L12             ; stime
L12: jge #8, L13, L17              ; creat
L13: jge #15, L14, L15             ; chmod
L14: jeq #24, L41, L43             ; getuid
L15: jeq #8, L41, L16              ; creat
L16: jeq #14, L41, L43             ; mknod
L17: jge #6, L43, L18              ; close
L18: jge #3, L19, L20              ; read
L19: jeq #5, L41, L44              ; open
L20: jeq #1, L44, L43              ; exit
L21: ld [0]                        ; nr
L22: jge #231, L23, L31            ; exit_group
L23: jge #260, L27, L24            ; fchownat
L24: jeq #257, L41, L25            ; openat
L25: jeq #259, L41, L26            ; mknodat
L26: jeq #231, L44, L43            ; exit_group
L27: jge #335, L28, L43            ; uretprobe
L28: jge #441, L29, L30            ; epoll_pwait2
L29: jge #0x40000000, L43, L41     ; read
L30: jge #337, L43, L41
L31: jge #41, L34, L32             ; socket
L32: jge #3, L43, L33              ; close
L33: jeq #2, L41, L44              ; open
L34: jge #134, L43, L35            ; uselib
L35: jge #86, L36, L38             ; link
L36: jeq #102, L41, L37            ; getuid
L37: jeq #133, L41, L43            ; mknod
L38: jge #61, L39, L40             ; wait4
L39: jeq #85, L41, L43             ; creat
L40: jeq #41, L41, L42             ; socket
L41: ret #0x7fc00000               ; notify
L42: jeq #60, L44, L43             ; exit
L43: ret #0x80000000               ; kill_process
L44: ret #0x7fff0000               ; allow [answers.strait:5]
