 L0: ld [4]                        ; arch
 L1: jeq #0x80000016, L2, L19      ; s390x
 L2: ld [0]                        ; nr
 L3: jeq #19, L4, L7               ; lseek
 L4: ld [24]                       ; arg1 high [big-endian.strait:4]
 L5: jeq #0, L20, L6               ; [big-endian.strait:4]
 L6: jge #0x80000000, L20, L19     ; [big-endian.strait:4]
 L7: jeq #125, L11, L8             ; mprotect
 L8: jeq #120, L9, L19             ; clone
 L9: ld [28]                       ; arg1 low [big-endian.strait:6]
L10: jset #0xfffefeff, L19, L20    ; [big-endian.strait:6]
L11: ld [20]                       ; arg0 low [big-endian.strait:5]
L12: jeq #0, L13, L19              ; [big-endian.strait:5]
L13: ld [16]                       ; arg0 high [big-endian.strait:5]
L14: jeq #0, L15, L19              ; [big-endian.strait:5]
L15: ld [36]                       ; arg2 low [big-endian.strait:5]
L16: jset #0xfffffffc, L19, L17    ; [big-endian.strait:5]
L17: ld [32]                       ; arg2 high [big-endian.strait:5]
L18: jeq #0, L20, L19              ; [big-endian.strait:5]
L19: ret #0x80000000               ; kill_process
L20: ret #0x7fff0000               ; allow
