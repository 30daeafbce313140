# Types of variables: conversion, optional attributes, nested defaults.
variable "typed_01" {
  type    = string
  default = 1
}
variable "typed_02" {
  type    = string
  default = true
}
variable "typed_03" {
  type    = number
  default = "1.5"
}
variable "typed_04" {
  type    = bool
  default = "true"
}
variable "typed_05" {
  type    = any
  default = [1, "a"]
}
variable "typed_06" {
  type    = any
  default = { a = 1 }
}
variable "typed_07" {
  type    = list(string)
  default = [1, true, "a"]
}
variable "typed_08" {
  type    = list(number)
  default = ["1", 2]
}
variable "typed_09" {
  type    = list(any)
  default = [1, "a"]
}
variable "typed_10" {
  type    = list(any)
  default = []
}
variable "typed_11" {
  type    = list
  default = ["a"]
}
variable "typed_12" {
  type    = map
  default = { a = "b" }
}
variable "typed_13" {
  type    = set(string)
  default = ["b", "a", "b", 1]
}
variable "typed_14" {
  type    = set(number)
  default = [3, "1", 2]
}
variable "typed_15" {
  type    = set(any)
  default = [2, 1]
}
variable "typed_16" {
  type    = map(string)
  default = { a = 1, b = true }
}
variable "typed_17" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
variable "typed_18" {
  type    = map(any)
  default = {}
}
variable "typed_19" {
  type    = map(list(string))
  default = { a = [1], b = [] }
}
variable "typed_20" {
  type    = list(list(string))
  default = [[1], []]
}
variable "typed_21" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "typed_22" {
  type    = tuple([any, bool])
  default = [[1], "true"]
}
variable "typed_23" {
  type    = object({ a = string })
  default = { a = 1, b = 2 }
}
variable "typed_24" {
  type    = object({ a = string, b = optional(number) })
  default = { a = 1 }
}
variable "typed_25" {
  type    = object({ a = optional(string, "d") })
  default = {}
}
variable "typed_26" {
  type    = object({ a = optional(string, "d") })
  default = { a = null }
}
variable "typed_27" {
  type    = object({ a = optional(number, "5") })
  default = {}
}
variable "typed_28" {
  type    = object({ a = optional(list(string), [1]) })
  default = {}
}
variable "typed_29" {
  type    = object({ a = optional(object({ b = optional(string, "x") }), {}) })
  default = {}
}
variable "typed_30" {
  type    = object({ a = optional(object({ b = optional(string, "x") })) })
  default = {}
}
variable "typed_31" {
  type    = object({ a = optional(object({ b = optional(string, "x") }), { b = "y" }) })
  default = {}
}
variable "typed_32" {
  type    = object({ a = optional(object({ b = optional(string, "x"), c = optional(string) }), { c = "y" }) })
  default = {}
}
variable "typed_33" {
  type    = list(object({ a = string, b = optional(bool, true) }))
  default = [{ a = 1 }, { a = 2, b = false }]
}
variable "typed_34" {
  type    = map(object({ a = optional(string, "d") }))
  default = { x = {}, y = { a = "z" } }
}
variable "typed_35" {
  type    = map(object({ a = optional(string, "d"), b = optional(map(number), {}) }))
  default = { x = { b = { k = "1" } }, y = { a = null } }
}
variable "typed_36" {
  type    = set(object({ a = string, b = optional(string, "d") }))
  default = [{ a = 2 }, { a = 1 }]
}
variable "typed_37" {
  type    = object({ a = any })
  default = { a = [1, "x"] }
}
variable "typed_38" {
  type    = object({ a = optional(any) })
  default = {}
}
variable "typed_39" {
  type    = object({ a = optional(any, { b = 1 }) })
  default = {}
}
variable "typed_40" {
  type    = list(object({ a = any }))
  default = [{ a = 1 }, { a = "x" }]
}
variable "typed_41" {
  type    = list(object({ a = optional(any) }))
  default = [{}, { a = "x" }]
}
variable "typed_42" {
  type    = string
  default = null
}
variable "typed_43" {
  type    = list(string)
  default = null
}
variable "typed_44" {
  type    = list(string)
  default = ["a", null]
}
variable "typed_45" {
  type    = map(string)
  default = { a = null }
}
variable "typed_46" {
  type    = object({ a = string })
  default = { a = null }
}
variable "typed_47" {
  type    = tuple([object({ a = optional(string, "q") })])
  default = [{}]
}
variable "typed_48" {
  type    = map(map(string))
  default = { a = { b = 1 } }
}
variable "typed_49" {
  type    = any
  default = null
}
variable "typed_50" {
  type    = map(any)
  default = { a = { x = 1 }, b = { x = "y" } }
}
variable "typed_51" {
  type    = list(any)
  default = [{ x = 1 }, { x = "y" }]
}
variable "typed_52" {
  type    = list(any)
  default = [[1], ["a", 2]]
}
variable "typed_53" {
  type    = map(any)
  default = { a = { x = 1 }, b = { y = "y" } }
}
variable "typed_54" {
  type    = object({ a = string, })
  default = { "a" = "x" }
}
variable "typed_55" {
  type    = list(map(any))
  default = [{ a = 1 }, { b = "x" }]
}
variable "typed_56" {
  type    = object({})
  default = { a = 1 }
}
variable "typed_57" {
  type    = tuple([])
  default = []
}
variable "typed_58" {
  type    = map(tuple([string, number]))
  default = { a = [1, "2"] }
}
variable "typed_59" {
  type    = set(tuple([string, number]))
  default = [["b", 1], ["a", "2"]]
}
variable "typed_60" {
  type    = set(bool)
  default = ["true", false]
}
variable "typed_61" {
  type    = object({ a = optional(set(string), ["b", "a"]) })
  default = {}
}
variable "typed_62" {
  type    = list(object({ n = number, o = optional(object({ p = optional(list(number), [1]) }), {}) }))
  default = [{ n = "1" }, { n = 2, o = { p = ["3"] } }, { n = 3, o = null }]
}
locals {
  types_01 = var.typed_01
  types_02 = var.typed_02
  types_03 = var.typed_03
  types_04 = var.typed_04
  types_05 = var.typed_05
  types_06 = var.typed_06
  types_07 = var.typed_07
  types_08 = var.typed_08
  types_09 = var.typed_09
  types_10 = var.typed_10
  types_11 = var.typed_11
  types_12 = var.typed_12
  types_13 = var.typed_13
  types_14 = var.typed_14
  types_15 = var.typed_15
  types_16 = var.typed_16
  types_17 = var.typed_17
  types_18 = var.typed_18
  types_19 = var.typed_19
  types_20 = var.typed_20
  types_21 = var.typed_21
  types_22 = var.typed_22
  types_23 = var.typed_23
  types_24 = var.typed_24
  types_25 = var.typed_25
  types_26 = var.typed_26
  types_27 = var.typed_27
  types_28 = var.typed_28
  types_29 = var.typed_29
  types_30 = var.typed_30
  types_31 = var.typed_31
  types_32 = var.typed_32
  types_33 = var.typed_33
  types_34 = var.typed_34
  types_35 = var.typed_35
  types_36 = var.typed_36
  types_37 = var.typed_37
  types_38 = var.typed_38
  types_39 = var.typed_39
  types_40 = var.typed_40
  types_41 = var.typed_41
  types_42 = var.typed_42
  types_43 = var.typed_43
  types_44 = var.typed_44
  types_45 = var.typed_45
  types_46 = var.typed_46
  types_47 = var.typed_47
  types_48 = var.typed_48
  types_49 = var.typed_49
  types_50 = var.typed_50
  types_51 = var.typed_51
  types_52 = var.typed_52
  types_53 = var.typed_53
  types_54 = var.typed_54
  types_55 = var.typed_55
  types_56 = var.typed_56
  types_57 = var.typed_57
  types_58 = var.typed_58
  types_59 = var.typed_59
  types_60 = var.typed_60
  types_61 = var.typed_61
  types_62 = var.typed_62
  types_63 = var.typed_07 == tolist(["1", "true", "a"])
  types_64 = var.typed_11 == tomap({ a = "b" })
  types_65 = var.typed_23.a == "1"
  types_66 = length(var.typed_33)
  types_67 = var.typed_33[1].b
  types_68 = keys(var.typed_34)
  types_69 = true ? var.typed_23 : { a = "x" }
  types_70 = merge(var.typed_48, { c = {} })
  types_71 = var.typed_10 == tolist([])
  types_72 = var.typed_18 == tomap({})
}
