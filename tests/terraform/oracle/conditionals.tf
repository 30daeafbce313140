# Conditionals, and the type that both results have in common.
locals {
  conditionals_01 = true ? 1 : 2
  conditionals_02 = false ? 1 : 2
  conditionals_03 = "true" ? "y" : "n"
  conditionals_04 = "0" ? "y" : "n"
  conditionals_05 = 1 < 2 ? 3 < 2 ? "a" : "b" : "c"
  conditionals_06 = true ? "a" : false ? "b" : "c"
  conditionals_07 = true ? 1 : "a"
  conditionals_08 = true ? "a" : 1
  conditionals_09 = false ? 1 : true ? "x" : "y"
  conditionals_10 = true ? true : "no"
  conditionals_11 = false ? 1.50 : "2.50"
  conditionals_12 = true ? 1.50 : "z"
  conditionals_13 = true ? null : 1
  conditionals_14 = false ? null : 1
  conditionals_15 = true ? null : null
  conditionals_16 = true ? [] : ["a"]
  conditionals_17 = true ? [1] : []
  conditionals_18 = true ? [1, 2] : ["a"]
  conditionals_19 = true ? [1, "a"] : [true]
  conditionals_20 = true ? [1, 2] : ["a", "b"]
  conditionals_21 = true ? [1] : tolist(["a"])
  conditionals_22 = true ? tolist([1]) : ["a", "b"]
  conditionals_23 = true ? tolist([1]) : toset(["a"])
  conditionals_24 = true ? toset([2, 1]) : [3]
  conditionals_25 = true ? [3, 3] : toset([1])
  conditionals_26 = true ? {} : { a = 1 }
  conditionals_27 = true ? { a = 1 } : {}
  conditionals_28 = true ? { a = 1, b = "x" } : {}
  conditionals_29 = true ? { a = 1, b = true } : { a = "x", b = "y" }
  conditionals_30 = true ? { a = 1 } : { b = "x" }
  conditionals_31 = true ? { a = 1 } : tomap({ a = "x" })
  conditionals_32 = true ? tomap({ a = 1 }) : tomap({ b = "x" })
  conditionals_33 = true ? tomap({ a = 1 }) : {}
  conditionals_34 = true ? { a = { b = 1 } } : { a = { b = "2" } }
  conditionals_35 = true ? { a = [1] } : { a = ["x"] }
  conditionals_36 = true ? { a = [] } : { a = ["x"] }
  conditionals_37 = true ? { a = null } : { a = "x" }
  conditionals_38 = true ? { a = 1 } : { a = null }
  conditionals_39 = true ? [null] : ["a"]
  conditionals_40 = true ? [null, 1] : ["a", "b"]
  conditionals_41 = true ? [{ a = 1 }] : []
  conditionals_42 = true ? [{ a = 1 }] : [{ a = "x" }]
  conditionals_43 = true ? [{ a = 1 }] : [{ a = "x" }, { a = true }]
  conditionals_44 = true ? [{ a = 1 }, { b = 2 }] : []
  conditionals_45 = true ? [[1], [2]] : [["a"]]
  conditionals_46 = true ? [] : []
  conditionals_47 = true ? {} : {}
  conditionals_48 = true ? 1 : {}.a
  conditionals_49 = false ? [][0] : "ok"
  conditionals_50 = true ? jsondecode("[1, 2]") : ["a"]
  conditionals_51 = true ? split(",", "a,b") : []
  conditionals_52 = true ? [] : split(",", "a,b")
  conditionals_53 = true ? var.settings : null
  conditionals_54 = length(true ? [1, 2] : [])
  conditionals_55 = (true ? { a = 1 } : { b = "x" })["a"]
  conditionals_56 = (true ? [1, 2] : ["x"])[0]
  conditionals_57 = [for x in true ? [2, 1] : ["x"] : x]
  conditionals_58 = { for k, v in true ? { a = 1 } : { b = true, c = "d" } : k => v }
  conditionals_59 = (true ? [] : ["a"]) == tolist([])
  conditionals_60 = (true ? ["a"] : []) == ["a"]
  conditionals_61 = (true ? { a = 1 } : {}) == { a = 1 }
  conditionals_62 = false ? { c = 10, a = true, b = null } : { b = 0 }
  conditionals_63 = false ? { b = [null][1.5], a = [] } : tomap({})
  conditionals_64 = true ? [1] : ["${{}.a}"]
  conditionals_65 = true ? [1] : [{}.a]
  conditionals_66 = true ? [] : [null.a]
  conditionals_67 = true ? { a = 1 } : { b = {}.x }
  conditionals_68 = true ? { a = 1 } : { a = 1 < "x" ? "y" : "z" }
  conditionals_69 = true ? { a = true } : { a = "${null}x" }
  conditionals_70 = false ? compact([""]) : [1, true]
  conditionals_71 = true ? [for x in ["a"] : x] : [for x in [1, 2] : x]
  conditionals_72 = true ? { for x in ["a"] : x => 1 } : { for x in [1] : x => "b" }
  conditionals_73 = true ? zipmap(["a"], [1]) : tomap({ a = "x" })
  conditionals_74 = true ? setproduct(["a"], [1]) : []
  conditionals_75 = true ? keys({ a = 1 }) : keys(tomap({ b = 1 }))
  conditionals_76 = true ? toset([1]) : toset(["a"])
  conditionals_77 = true ? chunklist([1, 2], 1) : [["a"]]
}
