 L0: ld [4]                        ; arch
 L1: jeq #0xc0000008, L2, L10      ; mipsel64
 L2: ld [0]                        ; nr
 L3: jeq #0x1391, L4, L8           ; mmap
 L4: ld [40]                       ; arg3 low [mips.strait:4]
 L5: jset #0xfffff7fd, L21, L6     ; [mips.strait:4]
 L6: ld [44]                       ; arg3 high [mips.strait:4]
 L7: jeq #0, L22, L21              ; [mips.strait:4]
 L8: jeq #0x1397, L16, L9          ; ioctl
 L9: jeq #0x13b0, L19, L21         ; socket
L10: jeq #0x40000008, L11, L21     ; mipsel
L11: ld [0]                        ; nr
L12: jeq #4090, L13, L15           ; mmap
L13: ld [40]                       ; arg3 low [mips.strait:4]
L14: jset #0xfffff7fd, L21, L22    ; [mips.strait:4]
L15: jeq #4054, L16, L18           ; ioctl
L16: ld [24]                       ; arg1 low [mips.strait:6]
L17: jeq #0x540d, L22, L21         ; [mips.strait:6]
L18: jeq #0x1057, L19, L21         ; socket
L19: ld [24]                       ; arg1 low [mips.strait:5]
L20: jeq #2, L22, L21              ; [mips.strait:5]
L21: ret #0x80000000               ; kill_process
L22: ret #0x7fff0000               ; allow
