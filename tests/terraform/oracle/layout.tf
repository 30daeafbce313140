# Expressions over several lines, with comments.
locals {
  layout_01 = [
  1,
  2,
]
  layout_02 = {
  a = 1
  b = 2
}
  layout_03 = {
  a = 1,
  b = 2,
}
  layout_04 = (
  1
  + 2
)
  layout_05 = true ? 1 : 2
  layout_06 = [
  for x in [1, 2] :
  x
  if x > 1
]
  layout_07 = {
  for k, v in { a = 1 } :
  k => v
}
  layout_08 = max(
  1,
  2,
)
  layout_09 = "a${
  1
}b"
  layout_10 = [ # c
  1, // d
  /* e */ 2
]
  layout_11 = { # c
  a = 1 # d
  // e
  b = 2
}
  layout_12 = { a = 1


 b = [
1
]
}
  layout_13 = (true
 ? 1
 : 2)
  layout_14 = [1, 2
]
  layout_15 = { "a" : 1, b = 2 }
  layout_16 = [[], {}]
  layout_17 = {
 a = {
 }
}
  layout_18 = "%{ if true }\n%{ endif }"
  layout_19 = "a %{ if true ~}  b  %{~ endif } c"
  layout_20 = "${1 ~}  x"
  layout_21 = "x  ${~ 1}"
  layout_22 = "x \n ${~ 1}"
  layout_23 = "%{ for x in ["a"] ~} \n ${x} %{ endfor ~} z"
}
