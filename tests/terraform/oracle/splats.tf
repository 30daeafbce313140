# Splats of lists, sets, single values and null.
locals {
  splats_01 = [{ a = 1 }, { a = 2 }][*].a
  splats_02 = [{ a = 1 }, { a = 2 }].*.a
  splats_03 = [][*].a
  splats_04 = [1, 2][*]
  splats_05 = [[1], [2]][*][0]
  splats_06 = [{ a = [1, 2] }, { a = [3] }][*].a[0]
  splats_07 = [{ a = [1, 2] }, { a = [3] }].*.a[0]
  splats_08 = [{ a = [1, 2] }, { a = [3] }][*].a[*]
  splats_09 = [{ a = [{ b = 1 }] }][*].a[*].b
  splats_10 = [{ a = { b = 1 } }][*].a.b
  splats_11 = [{ a = { b = 1 } }].*.a.b
  splats_12 = { a = 1 }[*].a
  splats_13 = { a = 1 }.*.a
  splats_14 = { a = 1 }[*]
  splats_15 = "x"[*]
  splats_16 = 5[*]
  splats_17 = null[*]
  splats_18 = null[*].a
  splats_19 = null.*.a
  splats_20 = toset(["b", "a"])[*]
  splats_21 = toset([{ a = 1 }])[*].a
  splats_22 = tolist([{ a = 1 }, { a = 2 }])[*].a
  splats_23 = tolist(["a"])[*]
  splats_24 = tomap({ a = 1 })[*]
  splats_25 = tomap({ a = 1 })[*].a
  splats_26 = var.objects[*].name
  splats_27 = var.objects.*.name
  splats_28 = var.objects[*].tags[*]
  splats_29 = var.objects[*].tags["k"]
  splats_30 = var.nothing[*]
  splats_31 = length(null[*])
  splats_32 = [for x in [{ a = 1 }][*].a : x + 1]
  splats_33 = [{ "x y" = 1 }][*]["x y"]
  splats_34 = [[[1, 2]], [[3]]][*][*][0]
  splats_35 = [[[1, 2]], [[3]]][*][0][*]
  splats_36 = [{ a = null }][*].a
  splats_37 = [{ a = null }][*].a[*]
  splats_38 = tolist([{ a = 1 }])[*].a == tolist([1])
  splats_39 = [{ a = 1 }][*].a == [1]
  splats_40 = [{ a = 1 }, null][0].a
}
