 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L2, L17      ; x86_64
 L2: ld [0]                        ; nr
 L3: jge #258, L4, L5              ; mkdirat
 L4: jset #0x40000000, L17, L49
 L5: jge #42, L6, L13              ; connect
 L6: jeq #257, L7, L9              ; openat
 L7: ld [32]                       ; arg2 low [arguments.strait:5]
 L8: jset #0xfff5ffff, L49, L50    ; [arguments.strait:5]
 L9: jeq #90, L10, L49             ; chmod
L10: ld [24]                       ; arg1 low [arguments.strait:7]
L11: and #0xffff                   ; [arguments.strait:7]
L12: jge #512, L49, L50            ; [arguments.strait:7]
L13: jge #8, L18, L14              ; lseek
L14: jeq #3, L15, L49              ; close
L15: ld [16]                       ; arg0 low [arguments.strait:11]
L16: jge #3, L17, L49              ; [arguments.strait:11]
L17: ret #0x80000000               ; kill_process
L18: jge #11, L19, L30             ; munmap
L19: jeq #16, L20, L24             ; ioctl
L20: ld [24]                       ; arg1 low [arguments.strait:6]
L21: jge #0x5405, L22, L23         ; [arguments.strait:6]
L22: jeq #0x5413, L50, L49         ; [arguments.strait:6]
L23: jge #0x5401, L50, L49         ; [arguments.strait:6]
L24: jeq #41, L25, L49             ; socket
L25: ld [16]                       ; arg0 low [arguments.strait:4]
L26: jeq #1, L27, L49              ; [arguments.strait:4]
L27: ld [24]                       ; arg1 low [arguments.strait:4]
L28: and #15                       ; [arguments.strait:4]
L29: jeq #1, L50, L49              ; [arguments.strait:4]
L30: jeq #9, L31, L35              ; mmap
L31: ld [28]                       ; arg1 high [arguments.strait:9]
L32: jeq #0, L33, L49              ; [arguments.strait:9]
L33: ld [32]                       ; arg2 low [arguments.strait:9]
L34: jset #4, L49, L50             ; [arguments.strait:9]
L35: jeq #10, L36, L42             ; mprotect
L36: ld [32]                       ; arg2 low [arguments.strait:10]
L37: jset #4, L49, L38             ; [arguments.strait:10]
L38: ld [16]                       ; arg0 low [arguments.strait:10]
L39: jeq #0, L40, L50              ; [arguments.strait:10]
L40: ld [20]                       ; arg0 high [arguments.strait:10]
L41: jeq #0, L49, L50              ; [arguments.strait:10]
L42: ld [16]                       ; arg0 low [arguments.strait:8]
L43: jge #3, L44, L49              ; [arguments.strait:8]
L44: ld [28]                       ; arg1 high [arguments.strait:8]
L45: jge #0x80000000, L46, L50     ; [arguments.strait:8]
L46: jeq #0xffffffff, L47, L49     ; [arguments.strait:8]
L47: ld [24]                       ; arg1 low [arguments.strait:8]
L48: jeq #0xffffffff, L50, L49     ; [arguments.strait:8]
L49: ret #0x50001                  ; errno(EPERM) [arguments.strait:3]
L50: ret #0x7fff0000               ; allow
