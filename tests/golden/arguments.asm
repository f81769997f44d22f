 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L2, L13      ; x86_64
 L2: ld [0]                        ; nr
 L3: jge #91, L4, L9               ; fchmod
 L4: jge #258, L5, L6              ; mkdirat
 L5: jset #0x40000000, L13, L50
 L6: jeq #257, L7, L50             ; openat
 L7: ld [32]                       ; arg2 low [arguments.strait:5]
 L8: jset #0xfff5ffff, L50, L51    ; [arguments.strait:5]
 L9: jge #8, L14, L10              ; lseek
L10: jeq #3, L11, L50              ; close
L11: ld [16]                       ; arg0 low [arguments.strait:11]
L12: jge #3, L13, L50              ; [arguments.strait:11]
L13: ret #0x80000000               ; kill_process
L14: jge #11, L15, L31             ; munmap
L15: jge #41, L21, L16             ; socket
L16: jeq #16, L17, L50             ; ioctl
L17: ld [24]                       ; arg1 low [arguments.strait:6]
L18: jeq #0x5413, L51, L19         ; [arguments.strait:6]
L19: jge #0x5405, L50, L20         ; [arguments.strait:6]
L20: jge #0x5401, L51, L50         ; [arguments.strait:6]
L21: jeq #41, L22, L27             ; socket
L22: ld [16]                       ; arg0 low [arguments.strait:4]
L23: jeq #1, L24, L50              ; [arguments.strait:4]
L24: ld [24]                       ; arg1 low [arguments.strait:4]
L25: and #15                       ; [arguments.strait:4]
L26: jeq #1, L51, L50              ; [arguments.strait:4]
L27: jeq #90, L28, L50             ; chmod
L28: ld [24]                       ; arg1 low [arguments.strait:7]
L29: and #0xffff                   ; [arguments.strait:7]
L30: jge #512, L50, L51            ; [arguments.strait:7]
L31: jeq #9, L32, L36              ; mmap
L32: ld [28]                       ; arg1 high [arguments.strait:9]
L33: jeq #0, L34, L50              ; [arguments.strait:9]
L34: ld [32]                       ; arg2 low [arguments.strait:9]
L35: jset #4, L50, L51             ; [arguments.strait:9]
L36: jeq #10, L37, L43             ; mprotect
L37: ld [32]                       ; arg2 low [arguments.strait:10]
L38: jset #4, L50, L39             ; [arguments.strait:10]
L39: ld [16]                       ; arg0 low [arguments.strait:10]
L40: jeq #0, L41, L51              ; [arguments.strait:10]
L41: ld [20]                       ; arg0 high [arguments.strait:10]
L42: jeq #0, L50, L51              ; [arguments.strait:10]
L43: ld [16]                       ; arg0 low [arguments.strait:8]
L44: jge #3, L45, L50              ; [arguments.strait:8]
L45: ld [28]                       ; arg1 high [arguments.strait:8]
L46: jge #0x80000000, L47, L51     ; [arguments.strait:8]
L47: jeq #0xffffffff, L48, L50     ; [arguments.strait:8]
L48: ld [24]                       ; arg1 low [arguments.strait:8]
L49: jeq #0xffffffff, L51, L50     ; [arguments.strait:8]
L50: ret #0x50001                  ; errno(EPERM) [arguments.strait:3]
L51: ret #0x7fff0000               ; allow
