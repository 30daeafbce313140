# `for` over lists, maps and sets.
locals {
  loops_01 = [for x in [1, 2] : x * 2]
  loops_02 = [for i, x in ["a", "b"] : "${i}${x}"]
  loops_03 = [for k, v in { b = 1, a = 2 } : "${k}${v}"]
  loops_04 = [for v in { b = 1, a = 2 } : v]
  loops_05 = [for x in toset(["b", "a", "b"]) : x]
  loops_06 = [for k, v in toset(["b", "a"]) : "${k}=${v}"]
  loops_07 = [for x in toset([3, 1, 2]) : x]
  loops_08 = [for x in toset([true, false]) : x]
  loops_09 = [for x in ["a", "", "b"] : x if x != ""]
  loops_10 = [for x in [1, 2, 3, 4] : x if x % 2 == 0]
  loops_11 = [for x in [] : x]
  loops_12 = [for x in {} : x]
  loops_13 = [for x in [[1, 2], [3]] : [for y in x : y * 10]]
  loops_14 = flatten([for x in [1, 2] : [for y in ["a", "b"] : "${x}${y}"]])
  loops_15 = { for x in ["a", "b"] : x => upper(x) }
  loops_16 = { for i, x in ["a", "b"] : i => x }
  loops_17 = { for i, x in ["a", "b"] : x => i }
  loops_18 = { for k, v in { a = 1, b = 2 } : v => k }
  loops_19 = { for k, v in { a = 1, b = 2 } : k => v if v > 1 }
  loops_20 = { for x in [{ n = "a", v = 1 }, { n = "a", v = 2 }, { n = "b", v = 3 }] : x.n => x.v... }
  loops_21 = { for x in ["apple", "avocado", "bean"] : substr(x, 0, 1) => x... }
  loops_22 = { for x in [1.5, 2] : x => x }
  loops_23 = { for x in [true] : x => x }
  loops_24 = { for x in [] : x => x }
  loops_25 = { for k, v in { a = [1, 2], b = [] } : k => [for y in v : y] if length(v) > 0 }
  loops_26 = { for s in ["a=1", "b=2"] : split("=", s)[0] => split("=", s)[1] }
  loops_27 = [for x in [1, 2] : { v = x }]
  loops_28 = [for x in [1, 2] : { v = x }][1].v
  loops_29 = [for x in ["x"] : x == "x" ? 1 : 0]
  loops_30 = [for x in [1] : [for x in [2] : x]]
  loops_31 = [for k, v in var.map : "${k}:${v}"]
  loops_32 = [for o in var.objects : o.name]
  loops_33 = { for o in var.objects : o.name => o.tags }
  loops_34 = [for x in tolist([1, "a"]) : x]
  loops_35 = [for k, v in tomap({ a = 1, b = "x" }) : v]
  loops_36 = [for x in null == null ? ["a"] : [] : x]
  loops_37 = { for k in ["a"] : (k) => 1 }
  loops_38 = { for k in ["a"] : "${k}-x" => 1 }
  loops_39 = { for k, v in { a = 1 } : k => v... }
  loops_40 = [for i, v in [5, 6] : i]
  loops_41 = [for x in ["b", "a"] : x][0]
  loops_42 = { for x in toset(["b", "a"]) : x => length(x) }
  loops_43 = length([for x in [1, 2, 3] : x if x > 1])
  loops_44 = [for x in [null, 1] : x == null]
  loops_45 = [for k, v in { "10" = 1, "9" = 2, "a" = 3, "B" = 4 } : k]
  loops_46 = [for k, v in { "é" = 1, "z" = 2 } : k]
  loops_47 = [for x in ["a"] : "${x}"]
  loops_48 = [for x in [1, 2] : x if "true"]
  loops_49 = { for i in range(3) : "k${i}" => i * i }
  loops_50 = merge([for i in range(2) : { "k${i}" = i }]...)
  loops_51 = [for pair in setproduct(["a", "b"], [1, 2]) : "${pair[0]}${pair[1]}"]
  loops_52 = [for k, g in { for s in ["ab", "ac", "b"] : substr(s, 0, 1) => s... } : "${k}:${join(",", g)}"]
}
