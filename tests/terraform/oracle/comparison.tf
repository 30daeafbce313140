# Equality across types and collections, order of numbers.
locals {
  comparison_01 = 1 < 2
  comparison_02 = 2 <= 2
  comparison_03 = 2 > 2
  comparison_04 = 2 >= 3
  comparison_05 = "10" > 9
  comparison_06 = "10" < "9"
  comparison_07 = 1.0 == 1
  comparison_08 = 1 == "1"
  comparison_09 = "1" == 1
  comparison_10 = true == "true"
  comparison_11 = true == 1
  comparison_12 = "" == null
  comparison_13 = null == null
  comparison_14 = null != null
  comparison_15 = null == 1
  comparison_16 = 1 != null
  comparison_17 = "a" == "a"
  comparison_18 = "a" != "b"
  comparison_19 = "a" == "A"
  comparison_20 = [] == []
  comparison_21 = [1, 2] == [1, 2]
  comparison_22 = [1, 2] == [2, 1]
  comparison_23 = [1] == ["1"]
  comparison_24 = [1] == [1, 1]
  comparison_25 = [] == tolist([])
  comparison_26 = ["a"] == tolist(["a"])
  comparison_27 = tolist(["a"]) == tolist(["a"])
  comparison_28 = tolist([]) == tolist([])
  comparison_29 = tolist([]) == tolist(["a"])
  comparison_30 = tolist(["a", "b"]) == split(",", "a,b")
  comparison_31 = ["a", "b"] == split(",", "a,b")
  comparison_32 = toset(["a"]) == tolist(["a"])
  comparison_33 = toset(["a", "b"]) == toset(["b", "a"])
  comparison_34 = toset(["a"]) == toset([1])
  comparison_35 = {} == {}
  comparison_36 = {} == tomap({})
  comparison_37 = { a = 1 } == { a = 1 }
  comparison_38 = { a = 1 } == { "a" = 1 }
  comparison_39 = { a = 1, b = 2 } == { b = 2, a = 1 }
  comparison_40 = { a = 1 } == { a = "1" }
  comparison_41 = { a = 1 } == tomap({ a = 1 })
  comparison_42 = tomap({ a = 1 }) == tomap({ a = 1 })
  comparison_43 = tomap({ a = 1 }) == tomap({ b = 1 })
  comparison_44 = { a = [1, { b = null }] } == { a = [1, { b = null }] }
  comparison_45 = { a = null } == { a = null }
  comparison_46 = { a = null } == { a = "x" }
  comparison_47 = { a = null } == {}
  comparison_48 = [null] == [null]
  comparison_49 = [] == {}
  comparison_50 = "\u00e9" == "e\u0301"
  comparison_51 = 1 == 1.0000000000000000000000000000001
  comparison_52 = 0.1 == 0.10
  comparison_53 = 100 == 1e2
  comparison_54 = keys({ b = 1, a = 2 }) == ["a", "b"]
  comparison_55 = keys(tomap({ b = 1, a = 2 })) == tolist(["a", "b"])
  comparison_56 = values({ a = 1 }) == [1]
  comparison_57 = concat([1], [2]) == [1, 2]
  comparison_58 = concat(tolist([1]), tolist([2])) == tolist([1, 2])
  comparison_59 = concat(tolist([1]), [2]) == [1, 2]
  comparison_60 = merge({ a = 1 }, { b = 2 }) == { a = 1, b = 2 }
  comparison_61 = merge(tomap({ a = 1 }), tomap({ b = 2 })) == tomap({ a = 1, b = 2 })
  comparison_62 = flatten([["a"], ["b"]]) == ["a", "b"]
  comparison_63 = distinct(["a", "a"]) == tolist(["a"])
  comparison_64 = compact(["a", ""]) == tolist(["a"])
  comparison_65 = [for x in ["a"] : x] == ["a"]
  comparison_66 = [for x in tolist(["a"]) : x] == tolist(["a"])
  comparison_67 = { for x in ["a"] : x => 1 } == { a = 1 }
  comparison_68 = slice(["a", "b"], 0, 1) == ["a"]
  comparison_69 = reverse(tolist(["a"])) == tolist(["a"])
  comparison_70 = zipmap(["a"], [1]) == { a = 1 }
  comparison_71 = zipmap(["a"], tolist([1])) == tomap({ a = 1 })
  comparison_72 = jsondecode("[1]") == [1]
  comparison_73 = jsondecode("[1]") == tolist([1])
  comparison_74 = jsondecode("{\"a\": 1}") == { a = 1 }
  comparison_75 = range(2) == tolist([0, 1])
  comparison_76 = setunion(["a"], ["b"]) == toset(["a", "b"])
  comparison_77 = toset([]) == toset([])
  comparison_78 = length([]) == 0
  comparison_79 = var.names == ["a", "b"]
  comparison_80 = var.names == tolist(["a", "b"])
  comparison_81 = var.none == []
  comparison_82 = var.none == tolist([])
  comparison_83 = 1 == 2 == false
  comparison_84 = !(1 == 2)
  comparison_85 = 3 > 2 && 2 > 1
  comparison_86 = "b" == "a" || "b" == "b"
}
