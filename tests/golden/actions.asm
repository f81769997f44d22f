 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L2, L15      ; x86_64
 L2: ld [0]                        ; nr
 L3: jge #11, L4, L6               ; munmap
 L4: jset #0x40000000, L15, L5
 L5: ret #0x7fff0000               ; allow [actions.strait:3]
 L6: jge #2, L10, L7               ; open
 L7: jeq #1, L9, L8                ; write
 L8: ret #0x7ffc0000               ; log [actions.strait:4]
 L9: ret #0x7fc00000               ; notify [actions.strait:5]
L10: jge #8, L11, L16              ; lseek
L11: jeq #9, L12, L13              ; mmap
L12: ret #0                        ; kill_thread [actions.strait:13]
L13: jeq #10, L15, L14             ; mprotect
L14: ret #0x3ffff                  ; trap(65535) [actions.strait:12]
L15: ret #0x80000000               ; kill_process
L16: jeq #3, L17, L18              ; close
L17: ret #0x7ff00007               ; trace(7) [actions.strait:7]
L18: jeq #5, L19, L20              ; fstat
L19: ret #0x50fff                  ; errno(4095) [actions.strait:9]
L20: jeq #4, L21, L22              ; stat
L21: ret #0x5000d                  ; errno(EACCES) [actions.strait:8]
L22: jeq #6, L23, L24              ; lstat
L23: ret #0x50001                  ; errno(EPERM) [actions.strait:10]
L24: jeq #7, L26, L25              ; poll
L25: ret #0x7ff00000               ; trace [actions.strait:6]
L26: ret #0x30000                  ; trap [actions.strait:11]
