 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L2, L28      ; x86_64
 L2: ld [0]                        ; nr
 L3: jge #11, L4, L24              ; munmap
 L4: jge #257, L5, L9              ; openat
 L5: jge #258, L6, L7              ; mkdirat
 L6: jset #0x40000000, L28, L49
 L7: ld [32]                       ; arg2 low [arguments.strait:5]
 L8: jset #0xfff5ffff, L49, L48    ; [arguments.strait:5]
 L9: jeq #16, L10, L14             ; ioctl
L10: ld [24]                       ; arg1 low [arguments.strait:6]
L11: jge #0x5405, L12, L13         ; [arguments.strait:6]
L12: jeq #0x5413, L48, L49         ; [arguments.strait:6]
L13: jge #0x5401, L48, L49         ; [arguments.strait:6]
L14: jeq #41, L15, L20             ; socket
L15: ld [16]                       ; arg0 low [arguments.strait:4]
L16: jeq #1, L17, L49              ; [arguments.strait:4]
L17: ld [24]                       ; arg1 low [arguments.strait:4]
L18: and #15                       ; [arguments.strait:4]
L19: jeq #1, L48, L49              ; [arguments.strait:4]
L20: jeq #90, L21, L49             ; chmod
L21: ld [24]                       ; arg1 low [arguments.strait:7]
L22: and #0xffff                   ; [arguments.strait:7]
L23: jge #512, L49, L48            ; [arguments.strait:7]
L24: jge #8, L29, L25              ; lseek
L25: jeq #3, L26, L49              ; close
L26: ld [16]                       ; arg0 low [arguments.strait:11]
L27: jge #3, L28, L49              ; [arguments.strait:11]
L28: ret #0x80000000               ; kill_process
L29: jeq #8, L30, L37              ; lseek
L30: ld [16]                       ; arg0 low [arguments.strait:8]
L31: jge #3, L32, L49              ; [arguments.strait:8]
L32: ld [28]                       ; arg1 high [arguments.strait:8]
L33: jge #0x80000000, L34, L48     ; [arguments.strait:8]
L34: jeq #0xffffffff, L35, L49     ; [arguments.strait:8]
L35: ld [24]                       ; arg1 low [arguments.strait:8]
L36: jeq #0xffffffff, L48, L49     ; [arguments.strait:8]
L37: jeq #10, L42, L38             ; mprotect
L38: ld [28]                       ; arg1 high [arguments.strait:9]
L39: jeq #0, L40, L49              ; [arguments.strait:9]
L40: ld [32]                       ; arg2 low [arguments.strait:9]
L41: jset #4, L49, L48             ; [arguments.strait:9]
L42: ld [32]                       ; arg2 low [arguments.strait:10]
L43: jset #4, L49, L44             ; [arguments.strait:10]
L44: ld [16]                       ; arg0 low [arguments.strait:10]
L45: jeq #0, L46, L48              ; [arguments.strait:10]
L46: ld [20]                       ; arg0 high [arguments.strait:10]
L47: jeq #0, L49, L48              ; [arguments.strait:10]
L48: ret #0x7fff0000               ; allow
L49: ret #0x50001                  ; errno(EPERM) [arguments.strait:3]
