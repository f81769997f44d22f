 L0: ld [4]                        ; arch
 L1: jeq #0x40000028, L2, L15      ; arm
 L2: ld [0]                        ; nr
 L3: jeq #180, L9, L4              ; pread64
 L4: jeq #194, L5, L15             ; ftruncate64
 L5: ld [32]                       ; arg2 low [split.strait:5]
 L6: jeq #5, L7, L15               ; [split.strait:5]
 L7: ld [40]                       ; arg3 low [split.strait:5]
 L8: jeq #0, L16, L15              ; [split.strait:5]
 L9: ld [56]                       ; arg5 low [split.strait:4]
L10: jge #0x80000000, L12, L11     ; [split.strait:4]
L11: jge #2, L15, L16              ; [split.strait:4]
L12: jeq #0xffffffff, L13, L15     ; [split.strait:4]
L13: ld [48]                       ; arg4 low [split.strait:4]
L14: jeq #0xffffffff, L16, L15     ; [split.strait:4]
L15: ret #0x80000000               ; kill_process
L16: ret #0x7fff0000               ; allow
