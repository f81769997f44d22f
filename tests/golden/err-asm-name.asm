A == opne ? yes : no
yes: return DENY
no: return ALLOW
A == pdp11.open ? end : end
end: ret #0
