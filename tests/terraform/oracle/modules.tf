# Modules, instances of `count` and `for_each`, and what expressions see of them.
module "one" {
  source = "./modules/box"
  name   = "one"
  size   = "3"
  tags   = { level = 1, on = true }
  rules  = [{ port = "443" }, { port = 80, cidrs = ["b", "a", "b"] }]
}

module "few" {
  source   = "./modules/box"
  for_each = { b = 2, a = 1 }
  name     = each.key
  size     = each.value
}

module "many" {
  source = "./modules/box"
  count  = 2
  name   = "n${count.index}"
  rules  = null
}

resource "terraform_data" "one" {
  input = { name = "x", list = [1, 2] }
}

resource "terraform_data" "few" {
  for_each = toset(["b", "a"])
  input    = "${each.key}=${each.value}"
}

resource "terraform_data" "many" {
  count = 3
  input = count.index * 10
}

locals {
  modules_01 = module.one.label
  modules_02 = module.one.tags
  modules_03 = module.one.rules
  modules_04 = module.one.size + 1
  modules_05 = module.few["a"].label
  modules_06 = { for k, m in module.few : k => m.size }
  modules_07 = values(module.few)[*].label
  modules_08 = module.many[*].label
  modules_09 = module.many[1].rules
  modules_10 = length(module.many)
  modules_11 = [for m in module.many : m.tags["by"]]
  modules_12 = keys(module.few)
  modules_13 = module.one["label"]
  modules_14 = module.few["b"].size
  modules_15 = try(module.few["c"].label, "none")
  modules_16 = module.many.*.size
  modules_17 = module.many.0.label
  modules_18 = terraform_data.one.input.name
  modules_19 = terraform_data.one.input.list[1]
  modules_20 = terraform_data.few["a"].input
  modules_21 = { for k, v in terraform_data.few : k => v.input }
  modules_22 = values(terraform_data.few)[*].input
  modules_23 = terraform_data.many[*].input
  modules_24 = terraform_data.many[2].input
  modules_25 = terraform_data.many.*.input
  modules_26 = length(terraform_data.many)
  modules_27 = sum(terraform_data.many[*].input)
  modules_28 = [for k in keys(terraform_data.few) : upper(k)]
  modules_29 = one(terraform_data.one[*].input.name)
  modules_30 = can(terraform_data.many[3])
  modules_31 = module.one.tags == { level = "1", on = "true", label = "one-3" }
  modules_32 = path.module
  modules_33 = path.root
}
