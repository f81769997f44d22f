ld #len
st #1
tax 3
ldx [0]
ret x
add M[0]
neg #1
