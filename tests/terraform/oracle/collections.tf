# Tuples, objects, indexes, attributes, expansion of arguments.
locals {
  collections_01 = []
  collections_02 = [1, "a", true, null]
  collections_03 = [1, [2, [3]]]
  collections_04 = [1, 2,]
  collections_05 = {}
  collections_06 = { a = 1, b = "x" }
  collections_07 = { a = 1, a = 2 }
  collections_08 = { "a" = 1 }
  collections_09 = { "a b" = 1 }
  collections_10 = { a-b = 1 }
  collections_11 = { 1 = "x" }
  collections_12 = { 1.5 = "x" }
  collections_13 = { true = 1, null = 2 }
  collections_14 = { (var.text) = 1 }
  collections_15 = { ("a${1}") = 1 }
  collections_16 = { "a${1}" = 1 }
  collections_17 = { a : 1, b : 2 }
  collections_18 = { a = { b = { c = 1 } } }
  collections_19 = { if = 1, in = 2 }
  collections_20 = { (true) = 1, (2) = 3 }
  collections_21 = [1, 2][0]
  collections_22 = [1, 2]["1"]
  collections_23 = [1, 2].1
  collections_24 = [[1, 2], [3]][0][1]
  collections_25 = [[1, 2], [3]].0[1]
  collections_26 = { a = 1 }.a
  collections_27 = { a = 1 }["a"]
  collections_28 = { "0" = 5 }[0]
  collections_29 = { "0" = 5 }.0
  collections_30 = { "true" = 5 }[true]
  collections_31 = { "a b" = 1 }["a b"]
  collections_32 = tomap({ "0" = 5 })[0]
  collections_33 = tomap({ a = 5 }).a
  collections_34 = { a = [{ b = 1 }] }.a[0].b
  collections_35 = { a = [{ b = 1 }] }.a.0.b
  collections_36 = tolist(["a", "b"])[1]
  collections_37 = [1, 2, 3][1 + 1]
  collections_38 = var.names[0]
  collections_39 = var.names["1"]
  collections_40 = var.map["x"]
  collections_41 = var.map.x
  collections_42 = { a = null }.a
  collections_43 = [null][0]
  collections_44 = ([1, 2])[0]
  collections_45 = ({ a = 1 }).a
  collections_46 = ["a", "b"][length(["a"])]
  collections_47 = { a = 1 }[lower("A")]
  collections_48 = max([1, 3, 2]...)
  collections_49 = max(1, [3, 2]...)
  collections_50 = merge([{ a = 1 }, { b = 2 }]...)
  collections_51 = concat([[1], [2]]...)
  collections_52 = max(toset([1, 5])...)
  collections_53 = max(tolist(["1", "5"])...)
  collections_54 = [for s in ["a"] : { name = s }][0].name
  collections_55 = { é = 1 }
  collections_56 = { "e\u0301" = 1 }["é"]
}
