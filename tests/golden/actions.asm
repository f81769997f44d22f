 L0: ld [4]                        ; arch
 L1: jeq #0xc000003e, L2, L26      ; x86_64
 L2: ld [0]                        ; nr
 L3: jge #6, L15, L4               ; lstat
 L4: jge #3, L5, L10               ; close
 L5: jeq #3, L6, L7                ; close
 L6: ret #0x7ff00007               ; trace(7) [actions.strait:7]
 L7: jeq #5, L9, L8                ; fstat
 L8: ret #0x5000d                  ; errno(EACCES) [actions.strait:8]
 L9: ret #0x50fff                  ; errno(4095) [actions.strait:9]
L10: jeq #0, L11, L12              ; read
L11: ret #0x7ffc0000               ; log [actions.strait:4]
L12: jeq #2, L14, L13              ; open
L13: ret #0x7fc00000               ; notify [actions.strait:5]
L14: ret #0x7ff00000               ; trace [actions.strait:6]
L15: jge #9, L21, L16              ; mmap
L16: jeq #6, L17, L18              ; lstat
L17: ret #0x50001                  ; errno(EPERM) [actions.strait:10]
L18: jeq #8, L20, L19              ; lseek
L19: ret #0x30000                  ; trap [actions.strait:11]
L20: ret #0x3ffff                  ; trap(65535) [actions.strait:12]
L21: jge #10, L23, L22             ; mprotect
L22: ret #0                        ; kill_thread [actions.strait:13]
L23: jge #11, L24, L26             ; munmap
L24: jset #0x40000000, L26, L25
L25: ret #0x7fff0000               ; allow [actions.strait:3]
L26: ret #0x80000000               ; kill_process
